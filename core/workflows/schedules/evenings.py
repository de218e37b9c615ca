"""When the night of each market is due, and on which days it is not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from core.foundation.errors import InvalidInputError
from core.foundation.messages import Message
from core.reference.scope import MARKETS, OTHER
from core.reference.session_overrides import SessionChange, shipped
from core.reference.sessions import Calendars

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Evening:
    """When a market's night begins: every day at an hour of its own clock.

    Parameters
    ----------
    hour : on the clock of `zone`, some time after the usual close, so that bars are final.
    calendars : codes of the market's exchange calendars; empty where its tickers tell them.
    """

    market: str
    hour: time
    zone: str
    calendars: tuple[str, ...] = ()

    @property
    def cron(self) -> str:
        """The hour as a cron line."""
        return f"{self.hour.minute} {self.hour.hour} * * *"

    def at(self, day: date) -> datetime:
        """The instant at which the night of a day begins."""
        return datetime.combine(day, self.hour, ZoneInfo(self.zone))

    def last(self, now: datetime) -> date:
        """The latest day whose night has begun by an instant."""
        day = now.astimezone(ZoneInfo(self.zone)).date()
        return day if self.at(day) <= now else day - _DAY

    def next(self, now: datetime) -> datetime:
        """The first beginning of a night after an instant."""
        return self.at(self.last(now) + _DAY)

    def closed(self, day: date, calendars: Calendars, codes: Collection[str]) -> Message | None:
        """Why no session of these calendars ended in the day before a night; None if one did."""
        begin, end = (pd.Timestamp(self.at(one)).tz_convert("UTC") for one in (day - _DAY, day))
        for code in codes:
            closes = calendars[code].closes
            if closes.searchsorted(end, side="right") > closes.searchsorted(begin, side="right"):
                return None
        return _why_closed(day, calendars, codes)


# New York closes at 16:00, Taipei at 13:30 and, at a fixed price, 14:30. Half past ten at night in
# Greenwich lies after the Americas have closed and before Sydney and Tokyo open.
EVENINGS = {
    "us": Evening("us", time(17, 0), "America/New_York", ("XNYS",)),
    "tw": Evening("tw", time(15, 0), "Asia/Taipei", ("XTAI",)),
    OTHER: Evening(OTHER, time(22, 30), "UTC"),
}
assert EVENINGS.keys() == {*MARKETS, OTHER}


def evening_of(market: str) -> Evening:
    """The evening of a market.

    Raises
    ------
    InvalidInputError : there is no such market.
    """
    if market not in EVENINGS:
        raise InvalidInputError(
            "market.unknown",
            'There is no market "{market}"; known are {known}.',
            {"market": market[:24], "known": list(EVENINGS)},
            parameter="market",
        )
    return EVENINGS[market]


def _why_closed(day: date, calendars: Calendars, codes: Collection[str]) -> Message:
    values = {"day": day, "weekday": f"{day:%A}", "calendars": sorted(codes)}
    # What was found out here has the last word on a date.
    for one in reversed([*shipped(), *calendars.overrides]):
        if one.session == day and one.calendar in codes and one.change == SessionChange.REMOVED:
            return Message(
                "nightly.session-removed",
                "{calendar} did not trade on {day}: {reason}.",
                {**values, "calendar": one.calendar, "reason": one.reason.rstrip(".")},
            )
    if day.weekday() >= _SATURDAY:
        return Message(
            "nightly.weekend", "{day} is a {weekday}; {calendars: and } did not trade.", values
        )
    return Message(
        "nightly.holiday",
        "{day}, a {weekday}, is a holiday of {calendars: and }; nothing was traded.",
        values,
    )
