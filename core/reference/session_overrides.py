"""Sessions that happened, or did not, other than the calendars of the library say.

What is known beforehand stands in `tables/sessions.csv`. What is found out later is on record,
and a `core.reference.sessions.Calendars` is made from it.
"""

import csv
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "tables" / "sessions.csv"


class SessionChange(StrEnum):
    """How a session differs from what the library lists."""

    ADDED = "added"
    REMOVED = "removed"
    AS_LISTED = "as listed"  # takes back what was said before


@dataclass(frozen=True)
class Override:
    """One date on which a calendar is wrong.

    `session` is the exchange's own date. An added session has the
    exchange's usual hours unless `opens` and `closes` say others, on the exchange's own clock.
    """

    calendar: str
    session: date
    change: SessionChange
    reason: str
    opens: time | None = None
    closes: time | None = None


@lru_cache(maxsize=1)
def shipped() -> tuple[Override, ...]:
    """The overrides that TickerLens comes with."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Override(
                row["calendar"],
                date.fromisoformat(row["session"]),
                SessionChange(row["change"]),
                row["why"],
                _time(row["opens"]),
                _time(row["closes"]),
            )
            for row in csv.DictReader(lines)
        )


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None
