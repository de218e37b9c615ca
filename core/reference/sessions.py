"""Trading sessions: date labels of an exchange, kept apart from instants.

The calendars are those of exchange_calendars, corrected by `core.reference.session_overrides`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np
import pandas as pd

from core.foundation.errors import InvalidInputError
from core.reference import session_overrides
from core.reference.session_overrides import Override, SessionChange

_FIRST = pd.Timestamp("1990-01-02")
_YEARS_AHEAD = 1
_ANY_YEAR = "2020"  # one that every calendar knows
_Hours = tuple[tuple[pd.Timestamp | None, time], ...]


@dataclass(frozen=True)
class _Timetable:
    """The sessions of a calendar in order; `opens` and `closes` are instants (UTC).

    `opening` and `closing` are the usual hours on the clock of `zone`, each from a date on.
    """

    sessions: pd.DatetimeIndex
    labels: np.ndarray
    opens: pd.DatetimeIndex
    closes: pd.DatetimeIndex
    zone: ZoneInfo
    opening: _Hours
    closing: _Hours


@lru_cache(maxsize=64)
def _listed(code: str, year: int) -> _Timetable:
    """What the library lists, from 1990 or where it begins to the end of the year after."""
    # Some calendars are known between certain years only, which their class alone tells.
    kind = type(exchange_calendars.get_calendar(code, start=_ANY_YEAR, end=_ANY_YEAR + "-12-31"))
    start, end = _FIRST, pd.Timestamp(year + _YEARS_AHEAD, 12, 31)
    start = max(start, kind.bound_min() or start)
    end = min(end, kind.bound_max() or end)
    found = exchange_calendars.get_calendar(code, start=start, end=end)
    return _timetable(
        pd.DatetimeIndex(found.sessions),
        pd.DatetimeIndex(found.opens),
        pd.DatetimeIndex(found.closes),
        found.tz,
        (found.open_times, found.close_times),
    )


@lru_cache(maxsize=64)
def _corrected(code: str, year: int, number: int) -> _Timetable:
    """The listed sessions with every override; `number` is that of what was learnt."""
    listed, (_, found_out) = _listed(code, year), session_overrides.current()
    # The last word on a date counts: what was learnt here comes after what is known anyway.
    last = {
        one.session: one for one in (*session_overrides.known(), *found_out) if one.calendar == code
    }
    if not last:
        return listed
    first, end = listed.sessions[0].date(), listed.sessions[-1].date()
    added = [
        one
        for one in last.values()
        if one.change != SessionChange.REMOVED
        and first <= one.session <= end
        and pd.Timestamp(one.session) not in listed.sessions
    ]
    gone = [
        pd.Timestamp(one.session) for one in last.values() if one.change == SessionChange.REMOVED
    ]
    remain = ~listed.sessions.isin(gone)
    opens = [
        _at(one.session, one.opens or _listed_hour(listed.opening, one), listed) for one in added
    ]
    closes = [
        _at(one.session, one.closes or _listed_hour(listed.closing, one), listed) for one in added
    ]
    sessions = listed.sessions[remain].append(
        pd.DatetimeIndex([pd.Timestamp(one.session) for one in added], dtype="datetime64[ns]")
    )
    order = np.argsort(sessions.to_numpy(), kind="stable")
    instant = "datetime64[ns, UTC]"
    return _timetable(
        pd.DatetimeIndex(sessions[order]),
        pd.DatetimeIndex(
            listed.opens[remain].append(pd.DatetimeIndex(opens, dtype=instant))[order]
        ),
        pd.DatetimeIndex(
            listed.closes[remain].append(pd.DatetimeIndex(closes, dtype=instant))[order]
        ),
        listed.zone,
        (listed.opening, listed.closing),
    )


def _timetable(
    sessions: pd.DatetimeIndex,
    opens: pd.DatetimeIndex,
    closes: pd.DatetimeIndex,
    zone: ZoneInfo,
    hours: tuple[_Hours, _Hours],
) -> _Timetable:
    labels = sessions.to_numpy().astype("datetime64[ns]")
    return _Timetable(sessions, labels, opens, closes, zone, *hours)


def _listed_hour(hours: _Hours, one: Override) -> time:
    """The hour that stood on a date: the last that had begun by then."""
    begun = [hour for start, hour in hours if start is None or start.date() <= one.session]
    return begun[-1]


def _at(session: date, hour: time, listed: _Timetable) -> pd.Timestamp:
    return pd.Timestamp(datetime.combine(session, hour, listed.zone)).tz_convert("UTC")


def _known(code: str) -> _Timetable:
    return _corrected(code, datetime.now(UTC).year, session_overrides.current()[0])


def sessions(code: str) -> pd.DatetimeIndex:
    """Every session of a calendar such as "XNYS", to the end of next year: tz-naive, in order.

    A calendar begins in 1990 or later, and some end earlier: `shift` names the range.
    """
    return _known(code).sessions


def is_session(code: str, date: pd.Timestamp) -> bool:
    """Whether the exchange trades on that date; dates outside the calendar are not sessions."""
    return bool(date in sessions(code))


def shift(code: str, session: pd.Timestamp, count: int) -> pd.Timestamp:
    """The session `count` sessions after `session` (before, if negative).

    A `session` the calendar does not know counts from the last known session before it.

    Raises
    ------
    InvalidInputError : the answer lies outside the calendar.
    """
    return pd.Timestamp(shift_many(code, np.array([session], "datetime64[ns]"), [count])[0, 0])


def shift_many(code: str, labels: np.ndarray, counts: list[int]) -> np.ndarray:
    """`shift` for n labels and k counts at once: datetime64[ns] of shape (n, k)."""
    known = _known(code).labels
    at = np.searchsorted(known, labels.astype("datetime64[ns]"), side="right") - 1
    index = at[:, None] + np.asarray(counts)[None, :]
    if (at < 0).any() or (index < 0).any() or (index >= len(known)).any():
        raise InvalidInputError(
            "calendar.out-of-range",
            "The {calendar} calendar is known from {first} to {last} only.",
            {"calendar": code, "first": str(known[0])[:10], "last": str(known[-1])[:10]},
            parameter="session",
        )
    shifted: np.ndarray = known[index]
    return shifted


def opens_at(code: str, session: pd.Timestamp) -> pd.Timestamp:
    """The instant (UTC) the exchange opens on a session.

    Raises
    ------
    InvalidInputError : the exchange does not trade on that date.
    """
    return pd.Timestamp(_known(code).opens[_place(code, session)])


def closes_at(code: str, session: pd.Timestamp) -> pd.Timestamp:
    """The instant (UTC) the exchange closes on a session, half days included; as `opens_at`."""
    return pd.Timestamp(_known(code).closes[_place(code, session)])


def latest_closed(code: str, at: datetime) -> pd.Timestamp:
    """The last session whose close is not after the instant `at` (an aware datetime)."""
    known = _known(code)
    done = int(known.closes.searchsorted(pd.Timestamp(at).tz_convert("UTC"), side="right"))
    if done == 0:
        raise InvalidInputError(
            "calendar.starts-later",
            "The {calendar} calendar starts after {day}.",
            {"calendar": code, "day": at.date()},
            parameter="at",
        )
    return pd.Timestamp(known.sessions[done - 1])


def between(code: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    """Sessions from `start` to `end`, both included."""
    known = sessions(code)
    return known[(known >= start) & (known <= end)]


def is_open(code: str, at: datetime) -> bool:
    """Whether the instant `at` (an aware datetime) lies between the bells; breaks count as open."""
    known, instant = _known(code), pd.Timestamp(at).tz_convert("UTC")
    begun = int(known.opens.searchsorted(instant, side="right"))
    return bool(begun > 0 and instant < known.closes[begun - 1])


def _place(code: str, session: pd.Timestamp) -> int:
    found = _known(code).sessions.get_indexer(pd.DatetimeIndex([session]))
    if found[0] < 0:
        raise InvalidInputError(
            "calendar.no-session",
            "{session} is no session of {calendar}.",
            {"session": session.date(), "calendar": code},
            parameter="session",
        )
    return int(found[0])
