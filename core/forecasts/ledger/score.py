"""Score every forecast of the ledger whose target sessions have closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.forecasts.ledger.ledger import Ledger
from core.forecasts.ledger.score_entry import score as score_entry
from core.foundation.errors import NotFoundError, TickerLensError
from core.foundation.messages import Message
from core.foundation.progress import Progress, WorkStatus, silent
from core.market_data.lake.bar_store import ParquetBars
from core.reference.tickers import Ticker


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
    """Running it twice changes nothing.

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
    now = ledger.renames().now
    chosen = None if tickers is None else {now(ticker.symbol) for ticker in tickers}
    entries = [one for one in ledger.open_entries() if chosen is None or now(one.ticker) in chosen]
    calendars = ledger.calendars()
    done, waiting, errors = 0, 0, list[TickerLensError]()
    for number, entry in enumerate(entries):
        progress("Scoring forecasts", number, len(entries))
        try:
            own = bars.load([now(entry.ticker)], adjusted=False)
            scores = score_entry(entry, own, at, calendars)
        except TickerLensError as error:
            failed[now(entry.ticker)] = error.sentence
            errors.append(error)
            continue
        done += ledger.add_scores(scores)
        waiting += len(entry.returns) - len(entry.scored) - len(scores)
    if errors and len(errors) == len(entries):
        raise errors[0]
    return Scored(done, waiting, failed)


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
