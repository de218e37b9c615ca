"""Bring the copy of the bars in ClickHouse up to date."""

from typing import TYPE_CHECKING, Any

from core.foundation.progress import Progress, silent
from core.wiring import Workspace

if TYPE_CHECKING:
    from core.market_data.replicate import Mirrored


def replicate(workspace: Workspace, progress: Progress = silent) -> "Mirrored | None":
    """Copy what is not there yet; None if there is to be no copy.

    It never raises because of ClickHouse.
    """
    if workspace.replica is None:
        return None
    from core.market_data.replicate import mirror  # and with it ClickHouse's client

    lock = workspace.settings.home / "mirror.lock"
    return mirror(workspace.bars, workspace.replica, lock, progress)


def mirrored(done: "Mirrored | None") -> dict[str, Any]:
    """What a copying did, as part of an answer: under "mirror", JSON-able; {} if there was none."""
    return {} if done is None else {"mirror": done.to_dict()}
