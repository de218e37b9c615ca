"""What the command that says of a new symbol does."""

from argparse import Namespace
from datetime import UTC, datetime
from typing import Any

from core.foundation.audit import Action
from core.foundation.keys.caller import actor
from core.foundation.progress import Progress
from core.market_data.records.rename_log import Rename
from core.wiring import Workspace
from core.workflows.bars.rename_ticker import rename as run_rename
from core.workflows.bars.rename_ticker import take_back


def rename(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Say that a ticker has another symbol now: its bars, forecasts and models go on under it."""
    old, new, now = options.from_ticker, options.to_ticker, datetime.now(UTC)
    if options.take_back:
        action = Action(now, actor(), "take back rename", f"{old} to {new}", options.reason)
        return take_back(workspace, old, new, action, progress)
    wanted = Rename(old.symbol, new.symbol, now, actor(), options.reason)
    return run_rename(workspace, wanted, progress)
