"""Tickers that were asked for and have no bars yet, with the outcome of the latest attempt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.market_data.failure_messages import DENIALS, denied_sessions
from core.market_data.records.ingest_log import IngestAttempt, IngestLog
from core.market_data.records.watchlist import Watched, Watchlist
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker


@dataclass(frozen=True)
class Awaited:
    """One such ticker.

    Parameters
    ----------
    outcome : of the latest attempt; None if there was none, or none that ended.
    given_up : the source denied it on so many sessions that only a person's request asks again.
    """

    ticker: Ticker
    source: str
    added_at: datetime
    outcome: IngestAttempt | None
    given_up: bool


def awaited(
    watchlist: Watchlist,
    ingest_log: IngestLog,
    stored: Iterable[Ticker],
    calendars: Calendars,
) -> list[Awaited]:
    """Every ticker that was asked for and is not among those stored, in alphabetical order."""
    known = set(stored)
    waiting = [one for one in watchlist.all() if one.ticker not in known]
    last = ingest_log.last_of_each() if waiting else {}
    return [
        Awaited(
            one.ticker,
            one.source,
            one.added_at,
            last.get(one.ticker.symbol),
            _is_given_up(one, ingest_log, calendars),
        )
        for one in waiting
    ]


def _is_given_up(one: Watched, ingest_log: IngestLog, calendars: Calendars) -> bool:
    denied = [at for at in ingest_log.denials(one.ticker.symbol, one.source) if at >= one.added_at]
    return denied_sessions(calendars[one.ticker.market.calendar], denied) >= DENIALS
