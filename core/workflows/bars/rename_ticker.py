"""A company changed its symbol: what is stored of the old one is the new one's from then on."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd

from core.foundation.audit import Action, validate_reason
from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.progress import Progress, silent
from core.market_data.fetch import first_difference
from core.market_data.reconcile_sessions import describe, reconcile
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.records.rename_log import Rename
from core.market_data.records.step_explanation import with_explanations
from core.market_data.validate import recheck
from core.reference.bar_sources import is_sample
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.remove_tickers import tracked
from core.workflows.bars.replicate import mirrored, replicate
from core.workflows.training.publish import publish_later

_STEPS = 3


def rename(
    workspace: Workspace,
    wanted: Rename,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Say that a ticker has another symbol now; what is on record of it, JSON-able.

    One row of the record is the whole rename: stores read and write by it. What follows brings
    derived things up to date. Stopped anywhere, the same again ends it, and twice is once.

    Raises
    ------
    InvalidInputError : it cannot be: the symbols are one, of different markets, or another now, a
        bar is of the sample, the bars of both differ, or the reason cannot be kept. Nothing was
        changed.
    NotFoundError : the old symbol is not known here; nothing was changed.
    StorageError : the stored bars of one of them cannot be read.
    """
    old, new = Ticker(wanted.old), Ticker(wanted.new)
    wanted = replace(wanted, reason=validate_reason(wanted.reason))
    known = workspace.rename_log.latest(old, new)
    if known is None or not known.in_force:
        progress("Comparing bars", 0, _STEPS)
        _refuse_other_kind(old, new)
        _refuse_unknown(workspace, old, new)
        _refuse_contradiction(workspace, old, new)
        subject = f"{old} to {new}"
        action = Action(wanted.at, wanted.actor, "rename", subject, wanted.reason)
        workspace.rename_log.add(wanted, action)
        known = wanted
    progress("Checking bars", 1, _STEPS)
    _apply_explanations(workspace, new, wanted.at)
    done = _brought_up_to_date(workspace, [new], wanted.actor, wanted.at, progress)
    return {"renamed": known.to_dict(), **done}


def take_back(
    workspace: Workspace, old: Ticker, new: Ticker, action: Action, progress: Progress = silent
) -> dict[str, Any]:
    """Let both symbols be what they were; as `rename`.

    Parameters
    ----------
    action : when, by whom and why.

    Raises
    ------
    NotFoundError : there was no such rename.
    InvalidInputError : the new symbol was renamed since, or the reason cannot be kept.
    """
    action = replace(action, reason=validate_reason(action.reason))
    known = workspace.rename_log.latest(old, new)
    if known is None:
        raise NotFoundError(
            "rename.unknown",
            "Nobody said that {old} is {new} now, so there is nothing to take back.",
            {"old": old, "new": new},
            parameter="from",
        )
    progress("Parting bars", 0, _STEPS)
    if known.in_force:
        first = workspace.bars.part(old, new, known.at)
        workspace.quarantine.part(old.symbol, new.symbol, None if first is None else first.date())
        workspace.rename_log.take_back(known, action)
    progress("Checking bars", 1, _STEPS)
    done = _brought_up_to_date(workspace, [old, new], action.actor, action.at, progress)
    now = workspace.rename_log.latest(old, new)
    return {"taken_back": (now or known).to_dict(), **done}


def _refuse_other_kind(old: Ticker, new: Ticker) -> None:
    if old == new:
        raise InvalidInputError(
            "rename.same",
            "{ticker} is {ticker} already; name the symbol that it has now.",
            {"ticker": old},
            parameter="to",
        )
    if (old.market.calendar, old.currency) != (new.market.calendar, new.currency):
        raise InvalidInputError(
            "rename.other-market",
            "{old} trades in {old_currency} by the calendar {old_calendar} and {new} in "
            "{new_currency} by {new_calendar}, so one is not the other's new symbol.",
            {
                "old": old,
                "old_currency": old.currency,
                "old_calendar": old.market.calendar,
                "new": new,
                "new_currency": new.currency,
                "new_calendar": new.market.calendar,
            },
            parameter="to",
        )


def _refuse_unknown(workspace: Workspace, old: Ticker, new: Ticker) -> None:
    renames = workspace.renames()
    for ticker in (old, new):
        renames.refuse(ticker)
    if old.symbol not in tracked(workspace) and old not in workspace.ledger.tickers():
        raise NotFoundError(
            "rename.not-tracked",
            "{ticker} is not tracked here, so there is nothing to be had under another symbol.",
            {"ticker": old},
            parameter="from",
        )
    for ticker in (old, new):
        if any(map(is_sample, workspace.bars.latest(ticker)["source"])):
            raise InvalidInputError(
                "rename.sample",
                "The bars of {ticker} are the sample's, which keeps its symbols.",
                {"ticker": ticker},
                parameter="from" if ticker == old else "to",
            )


def _refuse_contradiction(workspace: Workspace, old: Ticker, new: Ticker) -> None:
    answered = [*_answered(workspace, old), *_answered(workspace, new)]
    one, other = (with_explanations(workspace.bars.latest(each), answered) for each in (old, new))
    found = first_difference(one, other)
    if found is not None:
        raise InvalidInputError(
            "rename.contradicts",
            "{old} cannot be {new}: on {session} they closed at {close:.6g} and {other_close:.6g}, "
            "with {split:.6g} and {other_split:.6g} new shares for an old one; nothing changed.",
            {
                "old": old,
                "new": new,
                "session": found.session.date(),
                "close": found.closes[0],
                "other_close": found.closes[1],
                "split": found.splits[0],
                "other_split": found.splits[1],
            },
            parameter="to",
        )


def _answered(workspace: Workspace, ticker: Ticker) -> list[QuarantineEntry]:
    return workspace.quarantine.entries(ticker.symbol, (QuarantineStatus.RELEASED,))


def _apply_explanations(workspace: Workspace, ticker: Ticker, at: datetime) -> None:
    """Let what people said of a step count for the bars of either symbol."""
    stored = workspace.bars.latest(ticker)
    explained = with_explanations(stored, _answered(workspace, ticker))
    actions = ["split_ratio", "dividend"]
    changed = (explained[actions] != stored[actions]).any(axis=1)
    if changed.any():
        rows = explained[changed].assign(ingested_at=pd.Timestamp(at))
        workspace.bars.upsert(rows, onto_stored=True)


def _brought_up_to_date(
    workspace: Workspace, tickers: list[Ticker], actor: str, at: datetime, progress: Progress
) -> dict[str, Any]:
    """Check bars anew that stand beside others now, then the calendars, then the copies."""
    for ticker in tickers:
        recheck(workspace.gateway, ticker, at)
    progress("Checking calendars", 2, _STEPS)
    changes = reconcile(workspace.gateway, workspace.session_overrides, workspace.audit, at)
    sessions = {"sessions": list(map(describe, changes))} if changes else {}
    publish_later(workspace, actor, at)
    copied = mirrored(replicate(workspace, progress))
    progress("Done", _STEPS, _STEPS)
    return {**sessions, **copied}
