"""A page says what happened to the newest bars and how old those are that it shows."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from core.foundation.messages import Message
from core.foundation.sql.database import Database
from core.market_data.records.fetch_failure import fetch_failure
from core.market_data.records.ingest_log import IngestAttempt, IngestLog, IngestOutcome
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker

AAPL = Ticker.parse("AAPL")
AT = datetime(2026, 11, 24, 10, 32, tzinfo=UTC)  # before Tuesday's session
LAST = pd.Timestamp("2026-11-20")


def message(ingest_log: IngestLog, last: pd.Timestamp = LAST, at: datetime = AT) -> str:
    found = fetch_failure(ingest_log, AAPL, last, at, SHIPPED)
    return "" if found is None else str(found.sentence(lambda instant: f"{instant:%H:%M} UTC"))


def add(ingest_log: IngestLog, minute: int, kind: IngestOutcome, message: str = "") -> None:
    reason = Message.from_stored(message) if message else None
    ingest_log.add([IngestAttempt(AT + timedelta(minutes=minute), "AAPL", "yahoo", kind, reason)])


def test_what_happened_since_when_and_how_old_the_bars_are(records_url: str) -> None:
    ingest_log = IngestLog(Database(records_url))
    assert message(ingest_log) == ""
    add(ingest_log, -9, IngestOutcome.OK)
    assert message(ingest_log) == ""
    add(ingest_log, -1, IngestOutcome.UNAVAILABLE, "Yahoo cannot be reached; AAPL was not fetched.")
    fewer = "Yahoo asks for fewer requests; AAPL was not fetched."
    add(ingest_log, 0, IngestOutcome.RATE_LIMITED, fewer)
    add(ingest_log, 5, IngestOutcome.RATE_LIMITED, fewer)
    opening = f"{fewer} Since 10:32 UTC; showing bars up to"
    assert message(ingest_log) == f"{opening} 2026-11-20 (1 session old)."
    assert (
        message(ingest_log, pd.Timestamp("2026-11-19")) == f"{opening} 2026-11-19 (2 sessions old)."
    )
    monday = pd.Timestamp("2026-11-23")
    assert message(ingest_log, monday) == f"{opening} 2026-11-23 (the latest there are)."
    add(ingest_log, 6, IngestOutcome.OK)
    assert message(ingest_log) == ""
