"""Fetch bars from a source and store them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.errors import (
    InvalidInputError,
    NoBarsError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    SourceError,
    TickerLensError,
)
from core.market.sources import Source
from core.services.failures import denied_sessions, together, with_denials
from core.services.fetching import SAMPLE, fetch_and_store
from core.services.intake import Intake
from core.services.progress import Progress, silent
from core.services.scope import in_market
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

_KINDS = (
    (NoBarsError, UNAVAILABLE),
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
    market: str = "",
) -> Ingested:
    """Fetch what is missing of each ticker and store it; running it twice changes nothing.

    Parameters
    ----------
    at : the instant of ingestion, aware.
    tickers : which ones; when None all that the source holds, or, if it cannot list them, all
        that are tracked and hold no sample bars.
    start, end : first and last session wanted, see `core.services.fetching`.
    outcomes : where to write down how it went for each ticker.
    market : only those of one market, a key of `core.services.scope.MARKETS` or "other".

    Raises
    ------
    InvalidInputError : no ticker was named, or `start` lies after `end`.
    TickerLensError : every ticker failed; names each, and no bar was stored.
    """
    wanted = chosen(source, intake.bars, tickers, start, end, market)
    progress("Fetching bars", 0, len(wanted))
    written: dict[Ticker, Upserted] = {}
    failures: dict[Ticker, TickerLensError] = {}
    held: dict[str, int] = {}
    every = fetch_and_store(source, intake, at, wanted, start, end)
    for done, (ticker, result) in enumerate(every, 1):
        if isinstance(result, TickerLensError):
            failures[ticker] = result
        else:
            written[ticker] = result.written
            if result.held:
                held[str(ticker)] = result.held
        progress("Fetching bars", done, len(wanted))
    if outcomes is not None:
        failures = {one: retold(source, at, one, failures[one], outcomes) for one in failures}
        outcomes.add(outcomes_of(source, at, {ticker: failures.get(ticker) for ticker in wanted}))
    errors = {str(ticker): failures[ticker] for ticker in wanted if ticker in failures}
    if not written:
        raise together(errors)
    stored = {str(ticker): written[ticker] for ticker in wanted if ticker in written}
    return Ingested(source.name, stored, errors, held)


def chosen(
    source: Source,
    bars: ParquetBars,
    tickers: list[Ticker] | None,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
    market: str = "",
) -> list[Ticker]:
    """The tickers meant, each once; raises as `ingest` does where there is nothing to fetch."""
    listed = source.tickers() if tickers is None else list(dict.fromkeys(tickers))
    wanted = _own(bars) if listed is None else listed
    if not wanted and listed is None:
        raise InvalidInputError(
            "No ticker of your own is tracked yet; name some, such as AAPL,2330.TW.", "tickers"
        )
    if not wanted:
        raise InvalidInputError("No ticker was named.", "tickers")
    if start is not None and end is not None and start > end:
        raise InvalidInputError(f"start {start:%Y-%m-%d} is after end {end:%Y-%m-%d}.", "start")
    return in_market(market, wanted) if market else wanted


def retold(
    source: Source, at: datetime, ticker: Ticker, error: TickerLensError, outcomes: Outcomes
) -> TickerLensError:
    """The error, with what follows from earlier ones of its kind."""
    if isinstance(error, NoBarsError) or not isinstance(error, NotFoundError):
        return error
    denied = [*outcomes.denials(str(ticker), source.name), at]
    told = with_denials(error.message, denied_sessions(ticker, denied))
    return type(error)(told, error.parameter)


def outcomes_of(
    source: Source, at: datetime, went: Mapping[Ticker, TickerLensError | None]
) -> list[Outcome]:
    """How it went for each ticker, to be written down; None is well.

    What was refused before the source was asked says nothing of the ticker, and is left out.
    """
    return [
        Outcome(at, str(ticker), source.name, _kind(error), error.message if error else "")
        for ticker, error in went.items()
        if not isinstance(error, InvalidInputError) or isinstance(error, SchemaError)
    ]


def _kind(error: TickerLensError | None) -> str:
    if error is None:
        return OK
    return next((kind for type_, kind in _KINDS if isinstance(error, type_)), UNUSABLE)


def _own(bars: ParquetBars) -> list[Ticker]:
    """Tracked tickers without sample bars, which end years ago and would not mix with others."""
    stored = bars.load(adjusted=False)
    sample = set(stored.loc[stored["source"] == SAMPLE, "ticker"])
    return [Ticker.parse(symbol) for symbol in stored["ticker"].unique() if symbol not in sample]
