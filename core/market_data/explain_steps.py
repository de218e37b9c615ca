"""A person's answer to what a step in the prices was, and taking it back."""

from dataclasses import replace
from datetime import datetime

import pandas as pd

from core.foundation.audit import Action, Audit, validate_reason
from core.foundation.errors import InvalidInputError
from core.market_data.checks.finding import Fault
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.records.quarantine_entries import of_another_bar
from core.market_data.records.step_explanation import REAL, StepExplanation, with_explanations
from core.market_data.review import holds_of, subject_of
from core.market_data.validate import BarGateway
from core.reference.bar_holds import Hold
from core.reference.tickers import Ticker


def explain_step(
    gateway: BarGateway,
    audit: Audit,
    number: int,
    explanation: str,
    actor: str,
    reason: str,
    at: datetime,
) -> QuarantineEntry:
    """Join the bars on both sides of a step by what it was; another answer may follow.

    Parameters
    ----------
    number : of the entry that asks about the step.
    explanation : as `StepExplanation.parse` reads it. Its action is stored with the bar of the
        step, and with every bar of that session that comes later, unless the source lists one of
        its kind itself.

    Raises
    ------
    NotFoundError : there is no such entry.
    InvalidInputError : it asks about no step, the answer is none, or the reason cannot be kept.
    """
    entry = _step(gateway, number)
    action, reason = StepExplanation.parse(explanation), validate_reason(reason)
    explained = REAL if action == StepExplanation() else " ".join(explanation.lower().split())
    _refuse_too_large(gateway, _as_found(gateway, entry), action.dividend)
    # The register first: killed in between, the next check joins the bars by what it says.
    decided = gateway.quarantine.decide(
        [number], QuarantineStatus.RELEASED, actor, reason, at, explained
    )[0]
    gateway.quarantine.settle(number, lambda now: _write(gateway, now, now.explanation, at))
    gateway.quarantine.resolve_later(decided)
    audit.add(Action(at, actor, "answer step", f"{subject_of([decided])}: {explained}", reason))
    return decided


def withdraw_explanation(
    gateway: BarGateway, audit: Audit, number: int, actor: str, reason: str, at: datetime
) -> QuarantineEntry:
    """Part the bars at a step again, as they were before it was answered.

    Raises
    ------
    NotFoundError : there is no such entry.
    InvalidInputError : it asks about no step, it is not answered, or the reason cannot be kept.
    """
    entry = _step(gateway, number)
    if entry.status != QuarantineStatus.RELEASED:
        raise InvalidInputError(
            "step.not-answered",
            "Entry {entry} is not answered, so there is no answer to take back.",
            {"entry": number},
            parameter="entry",
        )
    reason = validate_reason(reason)
    # The bars first: killed in between, the next check joins them again.
    decided = gateway.quarantine.decide(
        [number],
        QuarantineStatus.OPEN,
        actor,
        reason,
        at,
        then=lambda: _write(gateway, entry, None, at),
    )[0]
    gateway.quarantine.resolve_later(decided)
    audit.add(Action(at, actor, "take back answer", subject_of([decided]), reason))
    return decided


def _step(gateway: BarGateway, number: int) -> QuarantineEntry:
    entry = gateway.quarantine.get(number)
    if entry.code != Fault.STEP:
        raise InvalidInputError(
            "step.another-kind",
            "Entry {entry} asks about no step: release it or discard it.",
            {"entry": number},
            parameter="entry",
        )
    if entry.status == QuarantineStatus.RESOLVED:
        raise InvalidInputError(
            "step.no-longer",
            "The step of entry {entry} is no longer found, so there is nothing to answer.",
            {"entry": number},
            parameter="entry",
        )
    return entry


def _write(
    gateway: BarGateway, entry: QuarantineEntry, explained: str | None, at: datetime
) -> None:
    """Store the bar of the step as it was asked about, joined by an answer or parted."""
    row = _as_found(gateway, entry).assign(ingested_at=pd.Timestamp(at))
    statuses = (QuarantineStatus.OPEN, QuarantineStatus.DISCARDED)
    others = [one for one in gateway.quarantine.entries(entry.ticker, statuses) if one != entry]
    holds = holds_of([one for one in others if one.code != Fault.STEP], row)
    if explained is None:
        holds[holds == Hold.NONE] = entry.hold
    else:
        row = with_explanations(row, [replace(entry, explanation=explained)])
    gateway.bars.upsert(row.assign(held=holds), onto_stored=True)


def _as_found(gateway: BarGateway, entry: QuarantineEntry) -> pd.DataFrame:
    """The bar of the step as it was when it was asked about, one row."""
    revisions = gateway.bars.revisions(Ticker.parse(entry.ticker))
    same = revisions[revisions["session"].dt.date == entry.first]
    as_found = [row for row in _rows(same) if not of_another_bar([entry], row)]
    if not as_found:
        raise InvalidInputError(
            "step.bar-gone",
            "The bar of {session} is not stored any more as it was when entry {entry} asked.",
            {"session": entry.first, "entry": entry.id},
            parameter="entry",
        )
    return as_found[-1]


def _refuse_too_large(gateway: BarGateway, row: pd.DataFrame, dividend: float) -> None:
    """No share pays out all that it was worth."""
    session = row["session"].iloc[0]
    stored = gateway.bars.latest(Ticker.parse(str(row["ticker"].iloc[0])))
    before = stored["close"][stored["session"] < session].dropna()
    if len(before) and dividend >= before.iloc[-1] / row["split_ratio"].iloc[0]:
        raise InvalidInputError(
            "step.dividend-too-large",
            "A dividend of {dividend:.6g} is more than the share was worth before, {close:.6g}.",
            {"dividend": dividend, "close": float(before.iloc[-1])},
            parameter="answer",
        )


def _rows(frame: pd.DataFrame) -> list[pd.DataFrame]:
    return [frame.iloc[[at]] for at in range(len(frame))]
