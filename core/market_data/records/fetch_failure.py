"""Why the newest bars of a ticker could not be fetched, and how old the stored ones are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

import pandas as pd

from core.foundation.messages import Message
from core.market_data.records.ingest_log import IngestAttempt, IngestLog, IngestOutcome
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker


@dataclass(frozen=True)
class FetchFailure:
    """A failed latest attempt at a ticker: the reason, since when, and the last stored session.

    `since` is the first of the consecutive attempts with the latest outcome; `behind` counts the
    sessions that closed after `last`.
    """

    message: Message
    since: datetime
    last: pd.Timestamp
    behind: int

    def sentence(self, instant: Callable[[datetime], str]) -> Message:
        """In words; `instant` writes an instant as the reader wants it."""
        values = {
            "reason": self.message,
            "since": instant(self.since),
            "last": self.last.date(),
        }
        if not self.behind:
            return Message(
                "fetch.failed-none-behind",
                "{reason} Since {since}; showing bars up to {last} (the latest there are).",
                values,
            )
        if self.behind == 1:
            return Message(
                "fetch.failed-one-behind",
                "{reason} Since {since}; showing bars up to {last} (1 session old).",
                values,
            )
        return Message(
            "fetch.failed-behind",
            "{reason} Since {since}; showing bars up to {last} ({behind:,} sessions old).",
            {**values, "behind": self.behind},
        )


def fetch_failure(
    ingest_log: IngestLog,
    ticker: Ticker,
    last: pd.Timestamp,
    at: datetime,
    calendars: Calendars,
) -> FetchFailure | None:
    """Why the latest attempt at a ticker failed; None if it did not, or there was none.

    Parameters
    ----------
    last : the last stored session.
    at : the instant of looking, aware.
    """
    attempts = ingest_log.latest(ticker.symbol)
    if not attempts or attempts[0].outcome == IngestOutcome.OK:
        return None
    alike: list[IngestAttempt] = list(
        takewhile(lambda one: one.outcome == attempts[0].outcome, attempts)
    )
    calendar = calendars[ticker.market.calendar]
    closed = calendar.between(last, calendar.latest_closed(at))
    reason = attempts[0].message or Message("source.gave-none", "It gave no bars.")
    return FetchFailure(reason, alike[-1].at, last, int((closed > last).sum()))
