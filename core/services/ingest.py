"""Fetch bars from a source and store them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from core.errors import (
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    SourceError,
    TickerLensError,
)
from core.market.sample import SampleSource
from core.market.sources import Source
from core.services.intake import Intake, Taken, take_in
from core.services.progress import Progress, silent
from core.storage.bars import ParquetBars, Upserted
from core.storage.outcomes import (
    NOT_FOUND,
    OK,
    RATE_LIMITED,
    UNAVAILABLE,
    UNUSABLE,
    Outcome,
    Outcomes,
)
from core.tickers import Ticker

SAMPLE = SampleSource.name
_KINDS = (
    (NotFoundError, NOT_FOUND),
    (RateLimitedError, RATE_LIMITED),
    (SourceError, UNAVAILABLE),
)


@dataclass(frozen=True)
class Ingested:
    """What an ingest did: bars written, the error of each ticker that failed, and sessions held."""

    source: str
    written: dict[str, Upserted]
    errors: dict[str, TickerLensError]
    held: dict[str, int]

    @property
    def failed(self) -> dict[str, str]:
        """The sentence for each ticker that failed."""
        return {ticker: error.message for ticker, error in self.errors.items()}

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values; status is "ok" or "partial"."""
        return {
            "status": "partial" if self.errors else "ok",
            "source": self.source,
            "written": {ticker: vars(counts) for ticker, counts in self.written.items()},
            "held": self.held,
            "failed": self.failed,
        }


def ingest(
    source: Source,
    intake: Intake,
    at: datetime,
    tickers: list[Ticker] | None = None,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    progress: Progress = silent,
    outcomes: Outcomes | None = None,
) -> Ingested:
    """Fetch each ticker and store its bars; running it twice changes nothing.

    Parameters
    ----------
    at : the instant of ingestion, aware.
    tickers : which ones; when None all that the source holds, or, if it cannot list them, all
        that are tracked and hold no sample bars.
    start, end : first and last session wanted.
    outcomes : where to write down how it went for each ticker.

    Raises
    ------
    InvalidInputError : no ticker was named, or `start` lies after `end`.
    TickerLensError : every ticker failed; the first one's reason. No bar was stored.
    """
    listed = source.tickers() if tickers is None else list(dict.fromkeys(tickers))
    wanted = _own(intake.bars) if listed is None else listed
    if not wanted and listed is None:
        raise InvalidInputError(
            "No ticker of your own is tracked yet; name some, such as AAPL,2330.TW.", "tickers"
        )
    if not wanted:
        raise InvalidInputError("No ticker was named.", "tickers")
    if start is not None and end is not None and start > end:
        raise InvalidInputError(f"start {start:%Y-%m-%d} is after end {end:%Y-%m-%d}.", "start")
    written: dict[str, Upserted] = {}
    failures: dict[str, TickerLensError] = {}
    held: dict[str, int] = {}
    for done, ticker in enumerate(wanted):
        progress("Fetching bars", done, len(wanted))
        try:
            taken = _one(source, intake, at, ticker, start, end)
            written[ticker.symbol] = taken.written
            if taken.held:
                held[ticker.symbol] = taken.held
        except TickerLensError as error:
            failures[ticker.symbol] = error
    if outcomes is not None:
        outcomes.add([_outcome(source, at, ticker.symbol, failures) for ticker in wanted])
    if not written:
        raise next(iter(failures.values()))
    progress("Fetching bars", len(wanted), len(wanted))
    return Ingested(source.name, written, failures, held)


def _outcome(
    source: Source, at: datetime, ticker: str, failures: dict[str, TickerLensError]
) -> Outcome:
    error = failures.get(ticker)
    if error is None:
        return Outcome(at, ticker, source.name, OK)
    kind = next((kind for type_, kind in _KINDS if isinstance(error, type_)), UNUSABLE)
    return Outcome(at, ticker, source.name, kind, error.message)


def _own(bars: ParquetBars) -> list[Ticker]:
    """Tracked tickers without sample bars, which end years ago and would not mix with others."""
    stored = bars.load(adjusted=False)
    sample = set(stored.loc[stored["source"] == SAMPLE, "ticker"])
    return [Ticker.parse(symbol) for symbol in stored["ticker"].unique() if symbol not in sample]


def _one(
    source: Source,
    intake: Intake,
    at: datetime,
    ticker: Ticker,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
) -> Taken:
    zone = ticker.market.timezone  # refuses an exchange without a calendar before any work
    _refuse_mixing(source, intake.bars, ticker)
    fetched = source.fetch(ticker, start, end, at)
    if fetched.empty:
        raise NotFoundError(f"{source.name} has no bars of {ticker} in that range.", "ticker")
    # The exchange's own date; a day's grace because crypto and FX sessions are dated in UTC.
    today = pd.Timestamp(at.astimezone(zone).date()) + timedelta(days=1)
    last = fetched["session"].iloc[-1]
    if last > today:
        raise SchemaError(f"{ticker}: session {last:%Y-%m-%d} lies in the future.", "session")
    taken = take_in(intake, ticker, fetched, at)
    if taken.held >= len(fetched) and intake.bars.load([ticker], adjusted=False).empty:
        raise SchemaError(
            f"All {len(fetched):,} bars of {ticker} failed a check and are held back; "
            "python -m flows quality says why.",
            "ticker",
        )
    return taken


def _refuse_mixing(source: Source, bars: ParquetBars, ticker: Ticker) -> None:
    """Sample bars end years ago; one series made of them and of others would be neither."""
    stored = set(bars.load([ticker], adjusted=False)["source"].unique())
    if stored and (SAMPLE in stored) != (source.name == SAMPLE):
        held = "sample bars" if SAMPLE in stored else "bars of its own"
        raise InvalidInputError(
            f"{ticker} already holds {held}; remove them before ingesting it from {source.name}.",
            "source",
        )
