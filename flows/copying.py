"""The copy of the bars in ClickHouse, brought up to date after whatever changes the bars."""

from typing import Any

from core import wiring
from core.services.progress import Progress
from core.settings import Settings


def mirror(settings: Settings, progress: Progress) -> dict[str, Any]:
    """What was copied, under "mirror"; nothing if there is to be no copy."""
    copy = wiring.open_mirror(settings)
    if copy is None:
        return {}
    from core.services.mirror import mirror as run_mirror  # its client is slow to import

    bars, lock = wiring.open_bars(settings=settings), settings.home / "mirror.lock"
    return {"mirror": run_mirror(bars, copy, lock, progress).to_dict()}
