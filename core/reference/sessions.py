"""Trading sessions: date labels of an exchange, kept apart from instants.

The calendars are those of exchange_calendars, corrected by `core.reference.session_overrides`.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np
import pandas as pd

from core.foundation.errors import InvalidInputError
from core.reference.session_overrides import Override, SessionChange, shipped

_FIRST = pd.Timestamp("1990-01-02")
_YEARS_AHEAD = 1
_ANY_YEAR = "2020"  # one that every calendar knows
_Hours = tuple[tuple[pd.Timestamp | None, time], ...]


@dataclass(frozen=True, eq=False)
class Calendar:
    """The sessions of one exchange calendar, to the end of next year.

    A calendar begins in 1990 or later, and some end earlier: `shift` names the range.

    Parameters
    ----------
    code : such as "XNYS".
    sessions : the dates on which the exchange trades, tz-naive, in order.
    opens, closes : the instants (UTC) at which each session begins and ends.
    zone : the exchange's own time zone.
    opening, closing : the usual hours on its clock, each from a date on.
    """

    code: str
    sessions: pd.DatetimeIndex
    opens: pd.DatetimeIndex
    closes: pd.DatetimeIndex
    zone: ZoneInfo
    opening: _Hours
    closing: _Hours

    @cached_property
    def _labels(self) -> np.ndarray:
        labels: np.ndarray = self.sessions.to_numpy().astype("datetime64[ns]")
        return labels

    def is_session(self, date: pd.Timestamp) -> bool:
        """Whether the exchange trades on that date; one outside the calendar is no session."""
        return bool(date in self.sessions)

    def shift(self, session: pd.Timestamp, count: int) -> pd.Timestamp:
        """The session `count` sessions after `session` (before, if negative).

        A `session` the calendar does not know counts from the last known session before it.

        Raises
        ------
        InvalidInputError : the answer lies outside the calendar.
        """
        return pd.Timestamp(self.shift_many(np.array([session], "datetime64[ns]"), [count])[0, 0])

    def shift_many(self, labels: np.ndarray, counts: list[int]) -> np.ndarray:
        """`shift` for n labels and k counts at once: datetime64[ns] of shape (n, k)."""
        known = self._labels
        at = np.searchsorted(known, labels.astype("datetime64[ns]"), side="right") - 1
        index = at[:, None] + np.asarray(counts)[None, :]
        if (at < 0).any() or (index < 0).any() or (index >= len(known)).any():
            raise InvalidInputError(
                "calendar.out-of-range",
                "The {calendar} calendar is known from {first} to {last} only.",
                {"calendar": self.code, "first": str(known[0])[:10], "last": str(known[-1])[:10]},
                parameter="session",
            )
        shifted: np.ndarray = known[index]
        return shifted

    def opens_at(self, session: pd.Timestamp) -> pd.Timestamp:
        """The instant (UTC) the exchange opens on a session.

        Raises
        ------
        InvalidInputError : the exchange does not trade on that date.
        """
        return pd.Timestamp(self.opens[self._place(session)])

    def closes_at(self, session: pd.Timestamp) -> pd.Timestamp:
        """The instant (UTC) the exchange closes on a session, half days included; as `opens_at`."""
        return pd.Timestamp(self.closes[self._place(session)])

    def latest_closed(self, at: datetime) -> pd.Timestamp:
        """The last session whose close is not after the instant `at` (an aware datetime).

        Raises
        ------
        InvalidInputError : the calendar starts after `at`.
        """
        done = int(self.closes.searchsorted(pd.Timestamp(at).tz_convert("UTC"), side="right"))
        if done == 0:
            raise InvalidInputError(
                "calendar.starts-later",
                "The {calendar} calendar starts after {day}.",
                {"calendar": self.code, "day": at.date()},
                parameter="at",
            )
        return pd.Timestamp(self.sessions[done - 1])

    def between(self, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
        """Sessions from `start` to `end`, both included."""
        return self.sessions[(self.sessions >= start) & (self.sessions <= end)]

    def is_open(self, at: datetime) -> bool:
        """Whether the instant `at` (aware) lies between the bells; breaks count as open."""
        instant = pd.Timestamp(at).tz_convert("UTC")
        begun = int(self.opens.searchsorted(instant, side="right"))
        return bool(begun > 0 and instant < self.closes[begun - 1])

    def _place(self, session: pd.Timestamp) -> int:
        found = self.sessions.get_indexer(pd.DatetimeIndex([session]))
        if found[0] < 0:
            raise InvalidInputError(
                "calendar.no-session",
                "{session} is no session of {calendar}.",
                {"session": session.date(), "calendar": self.code},
                parameter="session",
            )
        return int(found[0])


@dataclass(frozen=True)
class Calendars:
    """Every exchange calendar by its code: `Calendars()["XNYS"]`.

    Two are equal if they have the same overrides.

    Parameters
    ----------
    overrides : what was found out about single sessions; on a date that the shipped table names
        too, they win.
    """

    overrides: tuple[Override, ...] = ()
    _read: dict[tuple[str, int], Calendar] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __getitem__(self, code: str) -> Calendar:
        key = code, datetime.now(UTC).year
        found = self._read.get(key)
        if found is None:
            own = tuple(one for one in self.overrides if one.calendar == code)
            found = self._read[key] = _corrected(*key, own)
        return found

    @cached_property
    def stamp(self) -> str:
        """A text that differs where the overrides do."""
        return hashlib.sha256(repr(self.overrides).encode()).hexdigest()


SHIPPED = Calendars()  # as TickerLens comes


@lru_cache(maxsize=64)
def _listed(code: str, year: int) -> Calendar:
    """What the library lists, from 1990 or where it begins to the end of the year after."""
    # Some calendars are known between certain years only, which their class alone tells.
    kind = type(exchange_calendars.get_calendar(code, start=_ANY_YEAR, end=_ANY_YEAR + "-12-31"))
    start, end = _FIRST, pd.Timestamp(year + _YEARS_AHEAD, 12, 31)
    start = max(start, kind.bound_min() or start)
    end = min(end, kind.bound_max() or end)
    found = exchange_calendars.get_calendar(code, start=start, end=end)
    return Calendar(
        code,
        pd.DatetimeIndex(found.sessions),
        pd.DatetimeIndex(found.opens),
        pd.DatetimeIndex(found.closes),
        found.tz,
        found.open_times,
        found.close_times,
    )


@lru_cache(maxsize=64)
def _corrected(code: str, year: int, found_out: tuple[Override, ...]) -> Calendar:
    """The listed sessions with every override of the calendar."""
    listed = _listed(code, year)
    # The last word on a date counts: what was found out comes after what is known anyway.
    last = {one.session: one for one in (*shipped(), *found_out) if one.calendar == code}
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
    return Calendar(
        code,
        pd.DatetimeIndex(sessions[order]),
        pd.DatetimeIndex(
            listed.opens[remain].append(pd.DatetimeIndex(opens, dtype=instant))[order]
        ),
        pd.DatetimeIndex(
            listed.closes[remain].append(pd.DatetimeIndex(closes, dtype=instant))[order]
        ),
        listed.zone,
        listed.opening,
        listed.closing,
    )


def _listed_hour(hours: _Hours, one: Override) -> time:
    """The hour that stood on a date: the last that had begun by then."""
    begun = [hour for start, hour in hours if start is None or start.date() <= one.session]
    return begun[-1]


def _at(session: date, hour: time, listed: Calendar) -> pd.Timestamp:
    return pd.Timestamp(datetime.combine(session, hour, listed.zone)).tz_convert("UTC")
