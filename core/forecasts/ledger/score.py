"""Score every forecast of the ledger whose target sessions have closed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from core.forecasts.ledger.ledger import Ledger, LedgerEntry
from core.forecasts.ledger.score_entry import score as score_entry
from core.foundation.errors import NotFoundError, TickerLensError
from core.foundation.messages import Message
from core.foundation.progress import Progress, WorkStatus, silent
from core.market_data.lake.bar_store import ParquetBars
from core.reference.adjustments import adjust
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker

_WRITTEN_ROWS = 1_000  # of scores in a transaction, of some fifty tickers on a usual night


@dataclass(frozen=True)
class Scored:
    """How many (forecast, horizon) pairs got a score, how many wait, and what failed by ticker."""

    scored: int
    waiting: int
    failed: dict[str, Message]

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values; status is "ok" or "partial"."""
        failed = {ticker: str(reason) for ticker, reason in self.failed.items()}
        return {
            "status": WorkStatus.PARTIAL if failed else WorkStatus.OK,
            **vars(self),
            "failed": failed,
        }


def score(
    bars: ParquetBars,
    ledger: Ledger,
    at: datetime,
    tickers: list[Ticker] | None = None,
    progress: Progress = silent,
) -> Scored:
    """Score ticker by ticker, in alphabetical order.

    Running it twice changes nothing, and where it was stopped, the next run goes on: the bars of a
    ticker are read once, and scores are stored many in a transaction.

    Parameters
    ----------
    at : when the scores are made, an aware instant.
    tickers : whose forecasts; all when None. What was made of one under an older symbol is scored
        with the bars that it has now.

    Raises
    ------
    NotFoundError : none of the tickers is known here.
    TickerLensError : no forecast could be scored; the reason of the first.
    """
    failed = unknown(bars, ledger, tickers or [])
    if tickers and failed.keys() == {ticker.symbol for ticker in tickers}:
        raise NotFoundError.of(next(iter(failed.values())), "tickers")
    now, calendars = ledger.renames().now, ledger.calendars()
    symbols = sorted({now(one.symbol) for one in tickers or ledger.tickers()})
    unwritten = _Waiting(ledger)
    waiting, tried, errors = 0, 0, list[TickerLensError]()
    for number, symbol in enumerate(symbols):
        progress("Scoring forecasts", number, len(symbols))
        entries = ledger.open_entries([symbol])
        tried += len(entries)
        for entry, scores in _scored(entries, bars, symbol, at, calendars):
            if isinstance(scores, TickerLensError):
                failed[symbol] = scores.sentence
                errors.append(scores)
                continue
            unwritten.add(scores)
            waiting += len(entry.returns) - len(entry.scored) - len(scores)
    unwritten.store()
    if errors and len(errors) == tried:
        raise errors[0]
    return Scored(unwritten.new, waiting, failed)


@dataclass
class _Waiting:
    """Scores on their way to the ledger, and how many were new there."""

    ledger: Ledger
    new: int = 0
    waiting: list[pd.DataFrame] = field(default_factory=list)

    def add(self, scores: pd.DataFrame) -> None:
        """Keep scores of one forecast until there are enough for a transaction."""
        if len(scores):
            self.waiting.append(scores)
        if sum(map(len, self.waiting)) >= _WRITTEN_ROWS:
            self.store()

    def store(self) -> None:
        """Write what waits."""
        if self.waiting:
            self.new += self.ledger.add_scores(pd.concat(self.waiting, ignore_index=True))
            self.waiting = []


def _scored(
    entries: list[LedgerEntry],
    bars: ParquetBars,
    symbol: str,
    at: datetime,
    calendars: Calendars,
) -> Iterator[tuple[LedgerEntry, pd.DataFrame | TickerLensError]]:
    """The new scores of each forecast of one ticker, or why it has none."""
    if not entries:
        return
    try:
        own = adjust(bars.load([symbol], adjusted=False))
    except TickerLensError as error:
        yield from ((entry, error) for entry in entries)
        return
    for entry in entries:
        try:
            yield entry, score_entry(entry, own, at, calendars)
        except TickerLensError as error:
            yield entry, error


def unknown(bars: ParquetBars, ledger: Ledger, tickers: list[Ticker]) -> dict[str, Message]:
    """By ticker that is neither stored nor in the ledger, one sentence that says so."""
    if not tickers:
        return {}
    known = {*bars.tickers(), *ledger.tickers()}
    return {one.symbol: _unknown(one) for one in tickers if one not in known}


def _unknown(ticker: Ticker) -> Message:
    return Message(
        "ledger.unknown-ticker",
        "{ticker} is not tracked here, and the ledger holds no forecast of it.",
        {"ticker": ticker},
    )
