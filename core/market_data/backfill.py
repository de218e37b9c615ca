"""Fill a past range of bars; a stopped backfill continues where it ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.foundation.errors import InvalidInputError, TickerLensError
from core.foundation.progress import Progress, WorkStatus, silent
from core.market_data.failure_messages import together
from core.market_data.fetch import fetch_and_store
from core.market_data.ingest import WantedBars, chosen, outcomes_of, retold
from core.market_data.lake.bar_store import Upserted
from core.market_data.records.backfill_log import Backfills, Range
from core.market_data.records.ingest_log import IngestLog
from core.market_data.sources.source_contract import Source
from core.market_data.validate import Accepted, BarGateway
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker

_STEP = "Filling the past"


@dataclass(frozen=True)
class Backfilled:
    """Bars written by ticker, tickers an earlier backfill had filled, failures, sessions held."""

    source: str
    written: dict[str, Upserted]
    done_before: list[str]
    errors: dict[str, TickerLensError]
    held_back: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values; status is "ok" or "partial"."""
        return {
            "status": WorkStatus.PARTIAL if self.errors else WorkStatus.OK,
            "source": self.source,
            "written": {ticker: vars(counts) for ticker, counts in self.written.items()},
            "done_before": self.done_before,
            "held": self.held_back,
            "failed": {ticker: error.message for ticker, error in self.errors.items()},
        }


def backfill(
    source: Source,
    gateway: BarGateway,
    done: Backfills,
    ingest_log: IngestLog,
    at: datetime,
    wanted: WantedBars,
    progress: Progress = silent,
) -> Backfilled:
    """Fetch each ticker's sessions of a range and store them.

    A ticker is marked as done once its bars are stored. After any stop, the next call with the
    same range, or a part of it, fetches only the rest.

    Parameters
    ----------
    wanted : which ones and which range; to the latest closed session where it has no end.

    Raises
    ------
    InvalidInputError : no ticker was named, or the range has no start, or one after its end or in
        the future.
    TickerLensError : every ticker failed; names each.
    """
    start, end = wanted.start, wanted.end
    if start is None:
        raise InvalidInputError(
            "backfill.no-start",
            "A backfill needs a first session; name it with --start.",
            parameter="start",
        )
    tickers = chosen(source, gateway.bars, wanted)
    if start.date() > at.date():
        raise InvalidInputError(
            "start.in-future",
            "start {start} lies in the future.",
            {"start": start.date()},
            parameter="start",
        )
    stored = set(gateway.bars.tickers())  # a removed ticker has to be filled again
    ranges = {
        ticker: _range(source, ticker, gateway.calendars(), start, end, at) for ticker in tickers
    }
    filled = [] if wanted.again else [one for one in tickers if one in stored]
    before = [one for one in filled if done.is_done(ranges[one])]
    left = [ticker for ticker in tickers if ticker not in before]
    progress(_STEP, len(before), len(tickers))
    written: dict[str, Upserted] = {}
    errors: dict[str, TickerLensError] = {}
    held_back: dict[str, int] = {}
    every: Iterator[tuple[Ticker, Accepted | TickerLensError]]
    every = fetch_and_store(source, gateway, at, left, start, end)
    for count, (ticker, result) in enumerate(every, len(before) + 1):
        error = None
        if isinstance(result, TickerLensError):
            error = errors[str(ticker)] = retold(
                source, at, ticker, result, ingest_log, gateway.calendars()
            )
        else:
            written[str(ticker)] = result.written
            if result.held_back:
                held_back[str(ticker)] = result.held_back
            done.add(ranges[ticker], at)
        ingest_log.add(outcomes_of(source, at, {ticker: error}))
        progress(_STEP, count, len(tickers))
    if errors and not written and not before:
        raise together(errors)
    return Backfilled(source.name, written, list(map(str, before)), errors, held_back)


def _range(
    source: Source,
    ticker: Ticker,
    calendars: Calendars,
    start: pd.Timestamp,
    end: pd.Timestamp | None,
    at: datetime,
) -> Range:
    last = calendars[ticker.market.calendar].latest_closed(at) if end is None else end
    return Range(source.name, str(ticker), start.date(), last.date())
