"""A page says what happened to the newest bars and how old those are that it shows."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from core.services.setback import setback
from core.storage.database import Database
from core.storage.outcomes import NOT_FOUND, OK, RATE_LIMITED, UNAVAILABLE, Outcome, Outcomes
from core.tickers import Ticker

AAPL = Ticker.parse("AAPL")
AT = datetime(2026, 11, 24, 10, 32, tzinfo=UTC)  # before Tuesday's session
LAST = pd.Timestamp("2026-11-20")


def told(outcomes: Outcomes, last: pd.Timestamp = LAST, at: datetime = AT) -> str:
    found = setback(outcomes, AAPL, last, at)
    return "" if found is None else found.sentence(lambda instant: f"{instant:%H:%M} UTC")


def add(outcomes: Outcomes, minute: int, kind: str, message: str = "") -> None:
    outcomes.add([Outcome(AT + timedelta(minutes=minute), "AAPL", "yahoo", kind, message)])


def test_what_happened_since_when_and_how_old_the_bars_are(records_url: str) -> None:
    outcomes = Outcomes(Database(records_url))
    assert told(outcomes) == ""
    add(outcomes, -9, OK)
    assert told(outcomes) == ""
    add(outcomes, -1, UNAVAILABLE, "Yahoo cannot be reached; AAPL was not fetched.")
    fewer = "Yahoo asks for fewer requests; AAPL was not fetched."
    add(outcomes, 0, RATE_LIMITED, fewer)
    add(outcomes, 5, RATE_LIMITED, fewer)
    opening = "Yahoo asks for fewer requests since 10:32 UTC; showing bars up to"
    assert told(outcomes) == f"{opening} 2026-11-20 (1 session old)."
    assert told(outcomes, pd.Timestamp("2026-11-19")) == f"{opening} 2026-11-19 (2 sessions old)."
    monday = pd.Timestamp("2026-11-23")
    assert told(outcomes, monday) == f"{opening} 2026-11-23 (the latest there are)."
    add(outcomes, 6, OK)
    assert told(outcomes) == ""


def test_a_sentence_without_a_second_half_stands_alone(records_url: str) -> None:
    outcomes = Outcomes(Database(records_url))
    said = "Yahoo knows no ticker AAPL. Not found on 3 sessions: possibly delisted; it stays."
    add(outcomes, 0, NOT_FOUND, said)
    assert (
        told(outcomes) == f"{said} Since 10:32 UTC; showing bars up to 2026-11-20 (1 session old)."
    )
