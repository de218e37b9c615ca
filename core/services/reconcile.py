"""Correct the calendars by what was traded, and by what a person says."""

from contextlib import suppress
from datetime import date, datetime

import pandas as pd

from core import overrides
from core.errors import InvalidInputError, StorageError
from core.exchanges import BY_SUFFIX, US
from core.market import reconcile as market
from core.market.sample import SampleSource
from core.overrides import CHANGES, Override
from core.services.intake import Intake, recheck
from core.storage.audit import Action, Audit
from core.storage.bars import ParquetBars
from core.storage.session_overrides import AS_LISTED, Finding, SessionOverrides

WHO = "reconcile"


def reconcile(
    intake: Intake,
    found: SessionOverrides,
    audit: Audit,
    at: datetime,
    since: pd.Timestamp | None = None,
) -> list[Override]:
    """Hold stored bars against every calendar, and let what they show count from now on.

    `since` leaves older sessions out, and saves reading a long history for a new day. Bars held
    back are evidence too, and are checked again where the calendar changed. Sample bars are no
    evidence, and where a person had the last word it stands. Each change is on record with its
    reason; running it twice changes nothing.
    """
    last = found.last()
    overrides.learn(found.in_force())
    changes: list[Override] = []
    for code, own in sorted(_observed(intake.bars, since).items()):
        proposed = market.reconcile(code, pd.concat(own, ignore_index=True))
        changes += [one for one in proposed if _open_to_change(last, one)]
    found.add([Finding(at, WHO, one.calendar, one.session, one.change, one.why) for one in changes])
    for one in changes:
        audit.add(
            Action(at, WHO, f"session {one.change}", f"{one.calendar} {one.session}", one.why)
        )
    overrides.learn(found.in_force())
    changed = {one.calendar for one in changes}
    for ticker in intake.bars.tickers() if changed else ():
        if ticker.market.calendar in changed:
            with suppress(StorageError):
                recheck(intake, ticker, at)
    return changes


def decide(found: SessionOverrides, audit: Audit, finding: Finding) -> None:
    """Let a person's word on one session count; `AS_LISTED` takes back what was said before.

    Raises
    ------
    InvalidInputError : there is no such calendar or change, or no reason is given.
    """
    codes = sorted({US.calendar, *(one.calendar for one in BY_SUFFIX.values())})
    if finding.calendar not in codes:
        raise InvalidInputError(
            f"There is no calendar {finding.calendar}; known are {', '.join(codes)}.", "calendar"
        )
    if finding.change not in (*CHANGES, AS_LISTED):
        raise InvalidInputError(
            f"A session is {', '.join(CHANGES)} or {AS_LISTED}, not {finding.change}.", "change"
        )
    if not finding.why.strip():
        raise InvalidInputError("A reason is needed: it stays on record.", "reason")
    found.add([finding])
    subject = f"{finding.calendar} {finding.session}"
    audit.add(Action(finding.at, finding.who, f"session {finding.change}", subject, finding.why))
    overrides.learn(found.in_force())


def told(change: Override) -> str:
    """A change in one sentence."""
    return f"{change.calendar} {change.session}: session {change.change}, {change.why}."


def _observed(bars: ParquetBars, since: pd.Timestamp | None) -> dict[str, list[pd.DataFrame]]:
    """What each ticker traded, by calendar; one whose file is damaged tells nothing."""
    found: dict[str, list[pd.DataFrame]] = {}
    for ticker in bars.tickers():  # one at a time: all prices at once would fill the memory
        with suppress(StorageError):
            own = bars.latest(ticker)
            if since is not None:
                own = own[own["session"] >= since]
            if not own.empty and own["source"].iloc[-1] != SampleSource.name:
                traded = own[["ticker", "session", "volume"]]
                found.setdefault(ticker.market.calendar, []).append(traded)
    return found


def _open_to_change(last: dict[tuple[str, date], Finding], one: Override) -> bool:
    before = last.get((one.calendar, one.session))
    return before is None or before.who == WHO
