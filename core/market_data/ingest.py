"""Fetch bars from a source and store them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import pandas as pd

from core.foundation.errors import (
    InvalidInputError,
    NoBarsError,
    NotFoundError,
    RateLimitedError,
    RemovedError,
    SchemaError,
    SourceError,
    TickerLensError,
)
from core.foundation.messages import Message
from core.foundation.progress import Progress, WorkStatus, silent
from core.market_data.awaited_tickers import awaited
from core.market_data.failure_messages import denied_sessions, together, with_denials
from core.market_data.fetch import fetch_and_store
from core.market_data.lake.bar_origins import with_sample_bars
from core.market_data.lake.bar_store import ParquetBars, Upserted
from core.market_data.records.ingest_log import IngestAttempt, IngestLog, IngestOutcome
from core.market_data.records.watchlist import Watchlist
from core.market_data.sources.source_contract import Source
from core.market_data.sources.tables.options import TableOptions
from core.market_data.sources.tables.text import FileBytes
from core.market_data.validate import BarGateway
from core.reference.bar_sources import is_feed
from core.reference.schema import validate_range
from core.reference.scope import in_market
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker

_KINDS = (
    (NoBarsError, IngestOutcome.UNAVAILABLE),
    (NotFoundError, IngestOutcome.NOT_FOUND),
    (RateLimitedError, IngestOutcome.RATE_LIMITED),
    (SourceError, IngestOutcome.UNAVAILABLE),
)


@dataclass(frozen=True)
class WantedBars:
    """Which bars to fetch: all tickers, the default source and every session where not said.

    Parameters
    ----------
    tickers : when None all that the source holds, or, if it cannot list them, all that are tracked
        and hold no sample bars, and those of the watchlist that nothing came of.
    files : for the csv source alone, folders and patterns such as *.csv among them, or bytes.
    table : what a person says of the files, for the csv source alone.
    start, end : first and last session wanted, see `core.market_data.fetch`.
    market : only those of one market, a key of `core.reference.scope.MARKETS` or "other".
    again : also what an earlier backfill fetched.
    serves : those that the source has, where it does not have all.
    """

    tickers: list[Ticker] | None = None
    source: str = ""
    files: tuple[Path | FileBytes, ...] = ()
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    market: str = ""
    again: bool = False
    table: TableOptions = TableOptions()
    serves: Callable[[Ticker], bool] | None = None


@dataclass(frozen=True)
class Ingested:
    """What an ingest did: bars written, the error of each ticker that failed, and sessions held."""

    source: str
    written: dict[str, Upserted]
    errors: dict[str, TickerLensError]
    held_back: dict[str, int]

    @property
    def failed(self) -> dict[str, Message]:
        """The sentence for each ticker that failed."""
        return {ticker: error.sentence for ticker, error in self.errors.items()}

    def or_raise(self) -> Self:
        """The same; raises what went wrong, as one error, where every ticker failed."""
        if self.errors and not self.written:
            raise together(self.errors)
        return self

    @classmethod
    def merged(cls, parts: Sequence[Self]) -> Self:
        """What several ingests of different tickers did, in their order."""
        return cls(
            ", ".join(one.source for one in parts),
            {ticker: counts for one in parts for ticker, counts in one.written.items()},
            {ticker: error for one in parts for ticker, error in one.errors.items()},
            {ticker: count for one in parts for ticker, count in one.held_back.items()},
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values; status is "ok" or "partial"."""
        return {
            "status": WorkStatus.PARTIAL if self.errors else WorkStatus.OK,
            "source": self.source,
            "written": {ticker: vars(counts) for ticker, counts in self.written.items()},
            "held": self.held_back,
            "failed": {ticker: str(reason) for ticker, reason in self.failed.items()},
        }


def ingest(
    source: Source,
    gateway: BarGateway,
    at: datetime,
    wanted: WantedBars = WantedBars(),
    progress: Progress = silent,
    ingest_log: IngestLog | None = None,
    watchlist: Watchlist | None = None,
) -> Ingested:
    """Fetch the missing bars of each ticker and store them; running it twice changes nothing.

    Parameters
    ----------
    at : the instant of ingestion, aware.
    wanted : which ones, from when to when; the source is the one given.
    ingest_log : the log in which the outcome of each ticker is written.
    watchlist : what is named is on it from now on, until it is removed.

    Raises
    ------
    InvalidInputError : no ticker was named, or `start` lies after `end`.
    TickerLensError : every ticker failed; names each, and no bar was stored.
    """
    return attempt(source, gateway, at, wanted, progress, ingest_log, watchlist).or_raise()


def attempt(
    source: Source,
    gateway: BarGateway,
    at: datetime,
    wanted: WantedBars = WantedBars(),
    progress: Progress = silent,
    ingest_log: IngestLog | None = None,
    watchlist: Watchlist | None = None,
) -> Ingested:
    """As `ingest`, where it is no error that every ticker failed."""
    waiting = _to_ask_again(source, gateway, watchlist, ingest_log)
    tickers = chosen(source, gateway.bars, wanted, waiting)
    asks = source.tickers() is None  # a file or the sample gives nothing new when asked again
    if watchlist is not None and asks and wanted.tickers is not None:
        watchlist.add(tickers, source.name, at)
    progress("Fetching bars", 0, len(tickers))
    written: dict[Ticker, Upserted] = {}
    failures: dict[Ticker, TickerLensError] = {}
    held_back: dict[str, int] = {}
    every = fetch_and_store(source, gateway, at, tickers, wanted.start, wanted.end)
    for done, (ticker, result) in enumerate(every, 1):
        if isinstance(result, TickerLensError):
            failures[ticker] = result
        else:
            written[ticker] = result.written
            if result.held_back:
                held_back[str(ticker)] = result.held_back
        progress("Fetching bars", done, len(tickers), str(ticker))
    if ingest_log is not None:
        failures = {
            one: retold(source, at, one, failures[one], ingest_log, gateway.calendars())
            for one in failures
        }
        ingest_log.add(
            outcomes_of(source, at, {ticker: failures.get(ticker) for ticker in tickers})
        )
    if watchlist is not None and asks:
        _forget_refused(watchlist, failures, gateway.bars)
    errors = {str(ticker): failures[ticker] for ticker in tickers if ticker in failures}
    stored = {str(ticker): written[ticker] for ticker in tickers if ticker in written}
    return Ingested(source.name, stored, errors, held_back)


def chosen(
    source: Source,
    bars: ParquetBars,
    wanted: WantedBars,
    waiting: Sequence[Ticker] = (),
) -> list[Ticker]:
    """The tickers meant, each once; raises as `ingest` does where there is nothing to fetch."""
    named, start, end = wanted.tickers, wanted.start, wanted.end
    listed = source.tickers() if named is None else list(dict.fromkeys(named))
    tickers = sorted({*_own(bars), *waiting}) if listed is None else listed
    if not tickers and listed is None:
        raise InvalidInputError(
            "ingest.none-tracked",
            "No ticker of your own is tracked yet; name some, such as AAPL,2330.TW.",
            parameter="tickers",
        )
    if not tickers:
        raise InvalidInputError("ingest.none-named", "No ticker was named.", parameter="tickers")
    validate_range(start, end)
    if start is not None and start > pd.Timestamp.now("UTC").tz_localize(None) + pd.Timedelta(
        days=1
    ):
        raise InvalidInputError(
            "start.in-future",
            "start {start} lies in the future.",
            {"start": start.date()},
            parameter="start",
        )
    if wanted.market:
        tickers = in_market(wanted.market, tickers)
    return [one for one in tickers if wanted.serves is None or wanted.serves(one)]


def _to_ask_again(
    source: Source, gateway: BarGateway, watchlist: Watchlist | None, ingest_log: IngestLog | None
) -> list[Ticker]:
    if watchlist is None or ingest_log is None:
        return []
    every = awaited(watchlist, ingest_log, gateway.bars.tickers(), gateway.calendars())
    return [
        one.ticker
        for one in every
        if not one.given_up
        and (one.source == source.name or is_feed(source.name) and is_feed(one.source))
    ]


def _forget_refused(
    watchlist: Watchlist, failures: Mapping[Ticker, TickerLensError], bars: ParquetBars
) -> None:
    """Take tickers off the watchlist that were refused before the source was asked."""
    stored = bars.tickers()
    refused = [
        ticker
        for ticker, error in failures.items()
        if ticker not in stored
        and isinstance(error, (InvalidInputError, RemovedError))
        and not isinstance(error, SchemaError)
    ]
    if refused:
        watchlist.remove(refused)


def retold(
    source: Source,
    at: datetime,
    ticker: Ticker,
    error: TickerLensError,
    ingest_log: IngestLog,
    calendars: Calendars,
) -> TickerLensError:
    """The error, with the consequence of earlier denials if there are enough of them."""
    if isinstance(error, NoBarsError) or not isinstance(error, NotFoundError):
        return error
    denied = [*ingest_log.denials(str(ticker), source.name), at]
    sentence = with_denials(
        error.sentence, denied_sessions(calendars[ticker.market.calendar], denied)
    )
    return type(error).of(sentence, error.parameter)


def outcomes_of(
    source: Source, at: datetime, went: Mapping[Ticker, TickerLensError | None]
) -> list[IngestAttempt]:
    """The attempt of each ticker for the ingest log; an error of None means success.

    Tickers that were refused before the source was asked, or removed since, are left out.
    """
    return [
        IngestAttempt(at, str(ticker), source.name, _kind(error), error.sentence if error else None)
        for ticker, error in went.items()
        if not isinstance(error, (InvalidInputError, RemovedError))
        or isinstance(error, SchemaError)
    ]


def _kind(error: TickerLensError | None) -> IngestOutcome:
    if error is None:
        return IngestOutcome.OK
    return next(
        (kind for type_, kind in _KINDS if isinstance(error, type_)), IngestOutcome.UNUSABLE
    )


def _own(bars: ParquetBars) -> list[Ticker]:
    """Tracked tickers without sample bars, which end years ago and would not mix with others."""
    sample = set(with_sample_bars(bars))
    return [one.ticker for one in bars.summaries() if one.count and one.ticker not in sample]
