"""Bring the copy of the bars in ClickHouse up to date."""

from typing import Any

from core.foundation.progress import Progress, silent
from core.wiring import Workspace


def replicate(workspace: Workspace, progress: Progress = silent) -> dict[str, Any]:
    """Copy what is not there yet; {} if there is to be no copy.

    Returns
    -------
    Under "mirror" what `core.market_data.replicate.Mirrored` says; it never raises because of
    ClickHouse.
    """
    if workspace.replica is None:
        return {}
    from core.market_data.replicate import mirror  # and with it ClickHouse's client

    lock = workspace.settings.home / "mirror.lock"
    return {"mirror": mirror(workspace.bars, workspace.replica, lock, progress).to_dict()}
