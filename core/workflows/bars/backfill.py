"""Fill a past range of bars, going on where an earlier attempt stopped."""

from datetime import datetime
from typing import Any

from core.foundation.audit import Action
from core.foundation.errors import InvalidInputError
from core.foundation.progress import Progress, silent
from core.market_data import backfill as filled
from core.market_data.ingest import WantedBars
from core.market_data.reconcile_sessions import describe, reconcile
from core.wiring import Workspace
from core.workflows.bars.ingest import ask_for_training, bars_subject, parts_of, source_of
from core.workflows.bars.replicate import mirrored, replicate


def backfill(
    workspace: Workspace,
    wanted: WantedBars,
    actor: str,
    at: datetime,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Fetch the sessions of a past range that no earlier backfill fetched, or all if wanted again.

    Returns
    -------
    JSON-able: bars written by ticker, sessions found out, the training asked for, and the copy.

    Raises
    ------
    InvalidInputError : the range has no start, or the tickers come from several sources.
    TickerLensError : every ticker failed; names each.
    """
    gateway, audit = workspace.gateway, workspace.audit
    parts = parts_of(workspace, wanted)
    if len(parts) > 1:
        raise InvalidInputError(
            "backfill.several-sources",
            "These tickers come from {sources: and }; fill those of one source at a time, or name "
            "one with --source.",
            {"sources": [one.source for one in parts]},
            parameter="source",
        )
    wanted = parts[0]
    done = filled.backfill(
        source_of(workspace, wanted),
        gateway,
        workspace.backfill_log,
        workspace.ingest_log,
        at,
        wanted,
        progress,
    )
    audit.add(Action(at, actor, "backfill", bars_subject(done.source, done.written)))
    changes = reconcile(gateway, workspace.session_overrides, audit, at)
    sessions = {"sessions": list(map(describe, changes))} if changes else {}
    training = ask_for_training(workspace, at)
    return {**done.to_dict(), **sessions, **training, **mirrored(replicate(workspace, progress))}
