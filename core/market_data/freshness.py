"""How complete and how fresh the stored bars are: one row a ticker."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import numpy as np
import pandas as pd

from core.foundation.errors import InvalidInputError
from core.market_data.lake.bar_summary import TAIL_SESSIONS, StoredDays, session_of
from core.market_data.lake.lake_index import Summaries
from core.market_data.records.ingest_log import IngestAttempt, IngestOutcome
from core.reference.bar_sources import is_sample
from core.reference.sessions import Calendar, Calendars
from core.reference.tickers import Ticker

RECENT = 10  # sessions that are told one by one
_DAY = pd.Timedelta(days=1)


class BarState(StrEnum):
    """What there is of one session."""

    STORED = "stored"
    HELD_BACK = "held back"
    MISSING = "missing"


@dataclass(frozen=True)
class Coverage:
    """What is stored of one ticker.

    Parameters
    ----------
    last : the newest session whose prices may be read; None if there is none.
    newest : the newest session stored, readable or not.
    held_back : sessions of which something is held back.
    missing : sessions of its exchange, between the first stored and the last, of which no bar
        ever came.
    tail : the newest stored sessions, ascending, each with whether its prices may be read.
    """

    ticker: Ticker
    source: str
    last: pd.Timestamp | None
    newest: pd.Timestamp
    held_back: int
    missing: int
    tail: tuple[tuple[pd.Timestamp, bool], ...]

    @property
    def sample(self) -> bool:
        """Whether it ships with this program, and so is never behind."""
        return is_sample(self.source)


@dataclass(frozen=True)
class Freshness:
    """The freshness of a ticker at an instant.

    Parameters
    ----------
    behind : sessions closed since the last readable one, 0 if it is the latest closed; None for
        a sample ticker, and where nothing may be read.
    closed_at : when the last readable session closed; None if unknown.
    due : the latest `RECENT` closed sessions, ascending (of a sample ticker, its last ones).
    outcome : how it went when it was last asked for; None if it never was.
    """

    coverage: Coverage
    behind: int | None
    closed_at: datetime | None
    due: tuple[pd.Timestamp, ...]
    outcome: IngestAttempt | None

    @property
    def recent(self) -> tuple[tuple[pd.Timestamp, BarState], ...]:
        """What there is of each session of `due`."""
        stored = dict(self.coverage.tail)
        labels = {True: BarState.STORED, False: BarState.HELD_BACK, None: BarState.MISSING}
        return tuple((session, labels[stored.get(session)]) for session in self.due)

    @property
    def up_to_date(self) -> bool:
        """Whether the latest closed session is readable; always true of a sample ticker."""
        return self.coverage.sample or self.behind == 0


def coverage(stored: Summaries, calendars: Calendars) -> list[Coverage]:
    """What is stored, by ticker; one whose file cannot be read is left out."""
    return list(_coverage(stored, calendars))


def freshness(
    covered: list[Coverage],
    ingest_log: dict[str, IngestAttempt],
    at: datetime,
    calendars: Calendars,
) -> list[Freshness]:
    """The freshness of each ticker at `at`, an aware instant; the worst first, sample ones last.

    Parameters
    ----------
    ingest_log : the latest attempt of each ticker.
    """
    latest = lru_cache(lambda calendar: calendar.latest_closed(at))
    behind = lru_cache(lambda calendar, last: len(_labels(calendar, last + _DAY, latest(calendar))))
    closed_at, due = lru_cache(_closed_at), lru_cache(_due)
    found = []
    for one in covered:
        calendar = calendars[one.ticker.market.calendar]
        known = not one.sample and one.last is not None
        until = one.newest if one.sample else latest(calendar)
        found.append(
            Freshness(
                one,
                behind(calendar, one.last) if known else None,
                closed_at(calendar, one.last),
                due(calendar, until),
                ingest_log.get(one.ticker.symbol),
            )
        )
    return sorted(found, key=_worst_first)


@lru_cache(maxsize=2)
def _coverage(stored: Summaries, calendars: Calendars) -> tuple[Coverage, ...]:
    missing = lru_cache(_missing)  # most tickers of an exchange have the same sessions
    found = []
    for one in stored:
        if one.stored_bits:
            days = one.days.numbers()
            newest = [session_of(day) for day in days[-TAIL_SESSIONS:]]
            read = [bool(one.tail >> back & 1) for back in range(len(newest))][::-1]
            found.append(
                Coverage(
                    one.ticker,
                    one.stored_source,
                    None if one.newest_read is None else session_of(one.newest_read),
                    newest[-1],
                    one.held_back,
                    missing(calendars[one.ticker.market.calendar], one.days),
                    tuple(zip(newest, read, strict=True)),
                )
            )
    return tuple(found)


def _missing(calendar: Calendar, days: StoredDays) -> int:
    """Sessions of an exchange from the first day to the last that are not among them."""
    stored = days.numbers()
    due = calendar.between(session_of(stored[0]), session_of(stored[-1]))
    due_days = due.to_numpy().astype("datetime64[D]").astype("int64")
    return len(due_days) - int(np.isin(due_days, stored, assume_unique=True).sum())


def _worst_first(one: Freshness) -> tuple[bool, float, bool, int, int, str]:
    covered = one.coverage
    behind = float("inf") if one.behind is None else float(one.behind)
    fine = one.outcome is None or one.outcome.outcome == IngestOutcome.OK
    worst = (-behind, fine, -covered.held_back, -covered.missing, covered.ticker.symbol)
    return covered.sample, *worst


def _closed_at(calendar: Calendar, session: pd.Timestamp | None) -> datetime | None:
    if session is None:
        return None
    try:
        closed: datetime = calendar.closes_at(session).to_pydatetime()
    except InvalidInputError:  # a day that the calendar does not know as a session
        return None
    return closed


def _due(calendar: Calendar, until: pd.Timestamp) -> tuple[pd.Timestamp, ...]:
    start = until - pd.Timedelta(days=4 * RECENT)  # room for the longest holidays
    return tuple(calendar.between(start, until)[-RECENT:])


def _labels(calendar: Calendar, start: pd.Timestamp, end: pd.Timestamp) -> np.ndarray:
    found: np.ndarray = calendar.between(start, end).to_numpy("datetime64[ns]")
    return found
