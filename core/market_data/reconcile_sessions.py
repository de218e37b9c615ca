"""Correct the exchange calendars by what was traded, and by rulings of a person."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime

import pandas as pd

from core.foundation.audit import Action, Audit, validate_reason
from core.foundation.errors import InvalidInputError, RemovedError, StorageError
from core.market_data.checks import traded_sessions as market
from core.market_data.checks.traded_sessions import YEAR_AROUND
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.records.session_override_store import (
    SessionOverrides,
    SessionRuling,
)
from core.market_data.validate import BarGateway, recheck
from core.reference.bar_sources import is_sample
from core.reference.exchanges import BY_SUFFIX, US
from core.reference.session_overrides import Override, SessionChange
from core.reference.sessions import Calendars

ACTOR = "reconcile"
_GONE = "the stored bars do not show it any longer"


def reconcile(
    gateway: BarGateway,
    found: SessionOverrides,
    audit: Audit,
    at: datetime,
    since: pd.Timestamp | None = None,
) -> list[Override]:
    """Compare stored bars with every calendar, and correct the calendars by what they show.

    All stored bars are evidence, whatever they were fetched by, and so are those held back. Sample
    bars are not. `since` leaves out older sessions, so that one new day does not cost a look at the
    whole history. A ruling of a person is never changed. A finding that the bars show no longer is
    taken back. Where a calendar changes, its tickers are checked again. Each change is stored with
    its reason. Running it twice changes nothing.
    """
    last, in_force = found.last(), found.in_force()
    # Against what the library and people say: an earlier finding is no reason for itself.
    calendars = Calendars(tuple(one for one in in_force if _of_person(last, one)))
    shown: list[Override] = []
    for code, own in sorted(_observed(gateway.bars, since).items()):
        shown += market.reconcile(calendars[code], pd.concat(own, ignore_index=True))
    changes = [
        one
        for one in [*shown, *_without_reason(in_force, shown)]
        if (since is None or pd.Timestamp(one.session) >= since + YEAR_AROUND / 2)
        and not _of_person(last, one)
        and not _in_force(last, one)
    ]
    found.add(
        [
            SessionRuling(at, ACTOR, one.calendar, one.session, one.change, one.reason)
            for one in changes
        ]
    )
    for one in changes:
        audit.add(
            Action(at, ACTOR, f"session {one.change}", f"{one.calendar} {one.session}", one.reason)
        )
    changed = {one.calendar for one in changes}
    for ticker in gateway.bars.tickers() if changed else ():
        if ticker.market.calendar in changed:
            with suppress(RemovedError, StorageError):
                recheck(gateway, ticker, at)
    return changes


def decide(found: SessionOverrides, audit: Audit, finding: SessionRuling) -> None:
    """Store a person's ruling on one session; it counts from now on.

    Raises
    ------
    InvalidInputError : there is no such calendar or change, or the reason cannot be kept.
    """
    codes = sorted({US.calendar, *(one.calendar for one in BY_SUFFIX.values())})
    if finding.calendar not in codes:
        raise InvalidInputError(
            "calendar.unknown",
            "There is no calendar {calendar}; known are {known}.",
            {"calendar": finding.calendar, "known": codes},
            parameter="calendar",
        )
    if finding.change not in tuple(SessionChange):
        *others, last = SessionChange
        raise InvalidInputError(
            "session.bad-change",
            "A session is {known} or {listed}, not {given}.",
            {"known": others, "listed": last, "given": finding.change},
            parameter="change",
        )
    finding = replace(finding, reason=validate_reason(finding.reason))
    found.add([finding])
    subject = f"{finding.calendar} {finding.session}"
    audit.add(
        Action(finding.at, finding.actor, f"session {finding.change}", subject, finding.reason)
    )


def describe(change: Override) -> str:
    """A change in one sentence."""
    return f"{change.calendar} {change.session}: session {change.change}, {change.reason}."


def _observed(bars: ParquetBars, since: pd.Timestamp | None) -> dict[str, list[pd.DataFrame]]:
    """The traded sessions of each ticker, by calendar; a damaged file is left out."""
    found: dict[str, list[pd.DataFrame]] = {}
    for ticker in bars.tickers():  # one at a time: all prices at once need too much memory
        with suppress(StorageError):
            own = bars.latest(ticker)
            if since is not None:
                own = own[own["session"] >= since]
            if not own.empty and not is_sample(own["source"].iloc[-1]):
                traded = own[["ticker", "session", "volume"]]
                found.setdefault(ticker.market.calendar, []).append(traded)
    return found


def _of_person(last: dict[tuple[str, date], SessionRuling], one: Override) -> bool:
    before = last.get((one.calendar, one.session))
    return before is not None and before.actor != ACTOR


def _in_force(last: dict[tuple[str, date], SessionRuling], one: Override) -> bool:
    before = last.get((one.calendar, one.session))
    return before is not None and before.change == one.change


def _without_reason(found: list[Override], shown: list[Override]) -> list[Override]:
    """Findings that the stored bars show no longer, to be taken back."""
    still = {(one.calendar, one.session) for one in shown}
    return [
        replace(one, change=SessionChange.AS_LISTED, reason=_GONE)
        for one in found
        if (one.calendar, one.session) not in still
    ]
