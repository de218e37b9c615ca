"""A ticker's past as a person wants to see it."""

from dataclasses import dataclass

import pandas as pd

from core.errors import NotFoundError
from core.sessions import between
from core.storage.bars import ParquetBars
from core.tickers import Ticker


@dataclass(frozen=True)
class History:
    """Bars of one ticker and the sessions its exchange held without one being stored."""

    ticker: Ticker
    bars: pd.DataFrame
    missing: pd.DatetimeIndex


def history(
    bars: ParquetBars,
    ticker: Ticker,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    adjusted: bool = True,
) -> History:
    """Stored bars from `start` to `end`, both included; all when None.

    Prices are in units of the last stored session when adjusted, as traded when not.

    Raises
    ------
    NotFoundError : the ticker has no bars, or none in that range.
    """
    frame = bars.load([ticker], start, end, adjusted)
    if frame.empty:
        known = ticker in bars.tickers()
        what = "has no bars in that range" if known else "is not tracked here"
        raise NotFoundError(f"{ticker} {what}.", "ticker")
    held = between(ticker.market.calendar, frame["session"].iloc[0], frame["session"].iloc[-1])
    return History(ticker, frame, held.difference(pd.DatetimeIndex(frame["session"])))


def weekly(frame: pd.DataFrame) -> pd.DataFrame:
    """One bar a week from daily ones of one ticker, dated by the week's last session.

    Volume and dividends add up, split ratios multiply; NaN prices are passed over.
    """
    rules = {
        "session": "last",
        "open": "first",
        "high": "max",
        "low": "min",
        "close": "last",
        "volume": "sum",
        "dividend": "sum",
        "split_ratio": "prod",
    }
    weeks = frame["session"].dt.to_period("W")
    return frame.groupby(weeks, sort=True).agg(rules).reset_index(drop=True)
