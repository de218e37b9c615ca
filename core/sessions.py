"""Trading sessions: date labels of an exchange, kept apart from instants."""

from datetime import UTC, datetime
from functools import lru_cache

import exchange_calendars
import numpy as np
import pandas as pd

from core.errors import InvalidInputError

_FIRST = pd.Timestamp("1990-01-02")
_YEARS_AHEAD = 1


@lru_cache(maxsize=8)
def _calendar(code: str, year: int) -> exchange_calendars.ExchangeCalendar:
    end = pd.Timestamp(year + _YEARS_AHEAD, 12, 31)
    return exchange_calendars.get_calendar(code, start=_FIRST, end=end)


def calendar(code: str) -> exchange_calendars.ExchangeCalendar:
    """The exchange calendar of a code such as "XNYS", from 1990 to the end of next year."""
    return _calendar(code, datetime.now(UTC).year)


def sessions(code: str) -> pd.DatetimeIndex:
    """Every known session of a calendar, tz-naive dates in order."""
    return pd.DatetimeIndex(calendar(code).sessions)


def is_session(code: str, date: pd.Timestamp) -> bool:
    """Whether the exchange trades on that date; dates outside the calendar are not sessions."""
    return bool(date in sessions(code))


def shift(code: str, session: pd.Timestamp, count: int) -> pd.Timestamp:
    """The session `count` sessions after `session` (before, if negative).

    A `session` the calendar does not know (a Saturday make-up) counts from the last known
    session before it.

    Raises
    ------
    InvalidInputError : the answer lies outside the calendar.
    """
    return pd.Timestamp(shift_many(code, np.array([session], "datetime64[ns]"), [count])[0, 0])


def shift_many(code: str, labels: np.ndarray, counts: list[int]) -> np.ndarray:
    """`shift` for n labels and k counts at once: datetime64[ns] of shape (n, k)."""
    known = sessions(code).to_numpy().astype("datetime64[ns]")
    at = np.searchsorted(known, labels.astype("datetime64[ns]"), side="right") - 1
    index = at[:, None] + np.asarray(counts)[None, :]
    if (at < 0).any() or (index < 0).any() or (index >= len(known)).any():
        raise InvalidInputError(
            f"The {code} calendar is known from {known[0]:.10} to {known[-1]:.10} only.", "session"
        )
    shifted: np.ndarray = known[index]
    return shifted


def opens_at(code: str, session: pd.Timestamp) -> pd.Timestamp:
    """The instant (UTC) the exchange opens on a session."""
    return pd.Timestamp(calendar(code).session_open(session))


def closes_at(code: str, session: pd.Timestamp) -> pd.Timestamp:
    """The instant (UTC) the exchange closes on a session, half days included."""
    return pd.Timestamp(calendar(code).session_close(session))


def latest_closed(code: str, at: datetime) -> pd.Timestamp:
    """The last session whose close is not after the instant `at` (an aware datetime)."""
    cal = calendar(code)
    closes = cal.closes
    done = int(closes.searchsorted(pd.Timestamp(at).tz_convert("UTC"), side="right"))
    if done == 0:
        raise InvalidInputError(f"The {code} calendar starts after {at:%Y-%m-%d}.", "at")
    return pd.Timestamp(cal.sessions[done - 1])


def between(code: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    """Sessions from `start` to `end`, both included."""
    known = sessions(code)
    return known[(known >= start) & (known <= end)]


def is_open(code: str, at: datetime) -> bool:
    """Whether the exchange is trading at the instant `at` (an aware datetime)."""
    minute = pd.Timestamp(at).tz_convert("UTC").floor("min")
    return bool(calendar(code).is_open_on_minute(minute, ignore_breaks=True))
