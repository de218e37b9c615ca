"""The night of one market: once a session, none on a closed day, and all of it on record."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from core.foundation.errors import BusyError, InvalidInputError
from core.foundation.messages import Message
from core.foundation.progress import WorkStatus
from core.foundation.schedules.nightly_log import NightlyRun, NightlyStatus, NightlyStep
from core.market_data.freshness import coverage, freshness
from core.market_data.lake.bar_origins import sources
from core.reference.bar_sources import is_sample
from core.reference.scope import in_market
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.replay import replay_later
from core.workflows.schedules.evenings import EVENINGS, evening_of
from core.workflows.schedules.nightly_steps import INGEST, NightlyWork, run_steps

_DAY = timedelta(days=1)
_DAYS_ON_RECORD = 60  # that a machine was off for are written down, each with its reason
_LONGEST_HOLIDAYS = 30  # days
_NAMED = 5


def market_night(work: NightlyWork) -> dict[str, Any]:
    """Do what is due of the latest closed session of a market, and say so on record.

    A session is done once: a night that came to a good end is not done again, one that was stopped
    goes on where it was, and one that was not fine is done again from the first step that was not.
    Days without a session are put on record with the reason, those before this one too.

    Returns
    -------
    As `core.workflows.nightly.nightly`, with the market and the session; where nothing was to be
    done its status is "skipped" and `reason` says why.

    Raises
    ------
    InvalidInputError : there is no such market.
    BusyError : another process works on it.
    TickerLensError : every step failed; the reason of the first.
    """
    workspace, market, now = work.workspace, work.market, work.clock()
    log, evening = workspace.nightly_log, evening_of(market)
    today, tickers = evening.last(now), own_tickers_of(workspace, market)
    if not tickers:
        reason = Message(
            "nightly.no-ticker", "No ticker of one's own is tracked in the market {market}.",
            {"market": market},
        )  # fmt: skip
        log.skip(market, today, reason, work.actor, now)
        return _skipped(market, today, reason)
    calendars = workspace.refresh_calendars()
    due = _due(market, today, tickers, calendars)
    _note_skipped(work, today, due, tickers, calendars)
    closed = _closed(market, today, tickers, calendars)
    if due is None:
        return _skipped(market, today, closed)
    with _locked(workspace, market) as lock:
        night, mine = _claim(work, lock, market, due)
        if not mine:
            return _skipped(market, due, closed or _done_before(night))
        return {"market": market, "session": str(due), **_do(work, night, tickers)}


@contextmanager
def all_nights(work: NightlyWork) -> Iterator[list[NightlyRun]]:
    """The nights of every market with tickers of one's own, begun anew, while the block runs.

    Raises
    ------
    BusyError : another process works on one of them.
    """
    workspace = work.workspace
    calendars = workspace.refresh_calendars()
    due = {}
    for market, evening in EVENINGS.items():
        tickers = own_tickers_of(workspace, market)
        day = _due(market, evening.last(work.clock()), tickers, calendars) if tickers else None
        if day is not None:
            due[market] = day
    nights: list[NightlyRun] = []
    with _locked(workspace, "all") as lock:
        try:
            for market, day in due.items():
                nights.append(_claim(work, lock, market, day, again=True)[0])
        except BusyError as error:
            for night in nights:
                workspace.nightly_log.end(night, NightlyStatus.FAILED, work.clock(), error.sentence)
            raise
        yield nights


def own_tickers_of(workspace: Workspace, market: str) -> list[Ticker]:
    """Tickers of a market that are tracked, stored or still awaited, but for the sample's."""
    stored = sources(workspace.bars)
    own = [one for one in workspace.bars.tickers() if not is_sample(stored.get(one.symbol, ""))]
    own += [one.ticker for one in workspace.watchlist.all() if one.ticker.symbol not in stored]
    try:
        return in_market(market, dict.fromkeys(own))
    except InvalidInputError:
        return []


def _do(work: NightlyWork, night: NightlyRun, tickers: list[Ticker]) -> dict[str, Any]:
    log, session = work.workspace.nightly_log, night.session
    closed: Message | None = None

    def ended(name: str, step: NightlyStep, found: dict[str, Any]) -> bool:
        nonlocal closed
        if name == INGEST:
            # What was fetched may show that the exchange did not trade.
            closed = _closed(work.market, session, tickers, work.workspace.calendars())
            behind = [] if closed else _behind(work, session)
            if behind and step.status == NightlyStatus.OK:
                found |= {"behind": [str(one) for one in behind], "status": WorkStatus.PARTIAL}
                step = NightlyStep(NightlyStatus.PARTIAL, step.ended_at, _no_bar(session, behind))
        log.add_step(night, name, step)
        return closed is None

    done = run_steps(work, night.steps.keys(), ended)
    if done.stopped:
        log.end(night, NightlyStatus.SKIPPED, work.clock(), closed)
        return {**done.to_dict(), "status": NightlyStatus.SKIPPED, "reason": closed}
    log.end(night, done.status, work.clock())
    replay_later(work.workspace, work.actor, work.clock())
    return done.or_raise()


def _claim(
    work: NightlyWork, lock: str, market: str, session: date, again: bool = False
) -> tuple[NightlyRun, bool]:
    wanted = NightlyRun(
        0, market, session, NightlyStatus.RUNNING, work.actor, lock, work.clock(), None, {}, None
    )
    alive = work.workspace.run_locks.is_alive
    return work.workspace.nightly_log.claim(wanted, alive, again)


@contextmanager
def _locked(workspace: Workspace, market: str) -> Iterator[str]:
    lock = f"nightly-{market}-{uuid.uuid4().hex}"
    with workspace.run_locks.alive(lock):
        yield lock


def _due(market: str, today: date, tickers: list[Ticker], calendars: Calendars) -> date | None:
    """The latest day up to today on which a session of the market closed."""
    days = (today - back * _DAY for back in range(_LONGEST_HOLIDAYS))
    return next((day for day in days if not _closed(market, day, tickers, calendars)), None)


def _note_skipped(
    work: NightlyWork,
    today: date,
    due: date | None,
    tickers: list[Ticker],
    calendars: Calendars,
) -> None:
    """Put on record why the days since the last night have none; at first, of today alone."""
    log, market, now = work.workspace.nightly_log, work.market, work.clock()
    last = log.latest(market)
    day = max(last[0].session + _DAY, today - _DAYS_ON_RECORD * _DAY) if last else today
    while day <= today:
        reason = _closed(market, day, tickers, calendars)
        if reason is None and due is not None and day < due:
            reason = _missed(day)
        if reason is not None:
            log.skip(market, day, reason, work.actor, now)
        day += _DAY


def _closed(market: str, day: date, tickers: list[Ticker], calendars: Calendars) -> Message | None:
    evening = EVENINGS[market]
    codes = evening.calendars or {one.market.calendar for one in tickers}
    return evening.closed(day, calendars, codes)


def _behind(work: NightlyWork, session: date) -> list[Ticker]:
    """Stored tickers of the market without a readable bar of their last session by that night."""
    workspace, market = work.workspace, work.market
    calendars, by = workspace.calendars(), EVENINGS[market].at(session)
    known = coverage(workspace.bars.summaries(), calendars)
    late = [
        one.coverage.ticker for one in freshness(known, {}, by, calendars) if not one.up_to_date
    ]
    try:
        return in_market(market, late)
    except InvalidInputError:
        return []


def _no_bar(session: date, behind: list[Ticker]) -> Message:
    values = {"session": session, "tickers": [str(one) for one in behind[:_NAMED]]}
    if len(behind) <= _NAMED:
        return Message("nightly.behind", "No bar of {session} is there yet of {tickers}.", values)
    return Message(
        "nightly.many-behind",
        "No bar of {session} is there yet of {tickers} and {more} more.",
        {**values, "more": len(behind) - _NAMED},
    )


def _missed(day: date) -> Message:
    return Message(
        "nightly.missed",
        "Nothing ran between the close of {day} and the next one, and a forecast made later would "
        "be none.",
        {"day": day},
    )


def _done_before(night: NightlyRun) -> Message:
    return Message(
        "nightly.done-before",
        "The night of {session} was done at {ended} UTC.",
        {"session": night.session, "ended": _minute(night.ended_at)},
    )


def _minute(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M}" if instant else ""


def _skipped(market: str, session: date, reason: Message | None) -> dict[str, Any]:
    return {
        "status": NightlyStatus.SKIPPED,
        "market": market,
        "session": str(session),
        "reason": reason,
    }
