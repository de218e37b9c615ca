"""The stored bars of one ticker for a chart or table, with the missing sessions."""

from dataclasses import dataclass

import pandas as pd

from core.foundation.errors import NotFoundError
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.holds import HOLD, stretch_since
from core.reference.bar_holds import Hold
from core.reference.schema import validate_range
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker


@dataclass(frozen=True)
class History:
    """Bars of one ticker, and the sessions of its exchange without one.

    Parameters
    ----------
    missing : sessions between the first bar and the last of which none was ever stored.
    held_back : sessions of which a bar is stored, but held back; some may lie before the first bar
        or after the last.
    since : the first session that is read, where an unanswered step cuts off what came before;
        else None.
    """

    ticker: Ticker
    bars: pd.DataFrame
    missing: pd.DatetimeIndex
    held_back: pd.DatetimeIndex
    since: pd.Timestamp | None = None

    @property
    def newest_held_back(self) -> pd.DatetimeIndex:
        """Those held back that come after the last bar."""
        newest: pd.DatetimeIndex = self.held_back[self.held_back > self.bars["session"].iloc[-1]]
        return newest


def history(
    bars: ParquetBars,
    ticker: Ticker,
    calendars: Calendars,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    adjusted: bool = True,
) -> History:
    """Stored bars from `start` to `end`, both included; all when None.

    Prices are in units of the last stored session when adjusted, as traded when not.

    Raises
    ------
    InvalidInputError : `start` lies after `end`, or the ticker has another symbol now.
    NotFoundError : the ticker has no bars, none in that range, or all there are held back.
    """
    validate_range(start, end)
    frame = bars.load([ticker], start, end, adjusted)
    if frame.empty:
        bars.renames().refuse(ticker)
        if ticker in bars.tickers():
            raise _nothing_to_read(bars, ticker, start, end)
        raise NotFoundError(
            "ticker.not-tracked",
            "{ticker} is not tracked here.",
            {"ticker": ticker},
            parameter="ticker",
        )
    stored = bars.latest(ticker)
    session = pd.DatetimeIndex(stored["session"])
    calendar = calendars[ticker.market.calendar]
    due = calendar.between(frame["session"].iloc[0], frame["session"].iloc[-1])
    masked = stored[HOLD].isin((Hold.PRICES, Hold.ALL)).to_numpy()
    if start is not None:
        masked = masked & (session >= start)
    if end is not None:
        masked = masked & (session <= end)
    # A row of a day on which the exchange was closed is no session, and nobody misses it.
    held_back = session[masked].intersection(calendar.sessions)
    return History(ticker, frame, due.difference(session), held_back, stretch_since(stored))


def _nothing_to_read(
    bars: ParquetBars, ticker: Ticker, start: pd.Timestamp | None, end: pd.Timestamp | None
) -> NotFoundError:
    """Why none of a ticker's bars is read: none lies in the range, or all there are held back."""
    session = bars.latest(ticker)["session"]
    first, last = session.min(), session.max()
    count = int(
        session.between(first if start is None else start, last if end is None else end).sum()
    )
    if count:
        return NotFoundError(
            "ticker.all-bars-held-back",
            "All {count:,} stored bars of {ticker} that were asked for are held back.",
            {"count": count, "ticker": ticker},
            parameter="ticker",
        )
    return NotFoundError(
        "ticker.no-bars-in-range",
        "{ticker} has no bars in that range; its stored ones are from {first} to {last}.",
        {"ticker": ticker, "first": first.date(), "last": last.date()},
        parameter="ticker",
    )


def weekly(frame: pd.DataFrame) -> pd.DataFrame:
    """One bar a week from daily ones of one ticker, dated by the week's last session.

    Volumes and dividends are summed, split ratios multiplied. NaN is skipped; a week of nothing but
    NaN is NaN.
    """
    rules = {
        "session": "last",
        "open": "first",
        "high": "max",
        "low": "min",
        "close": "last",
        "dividend": "sum",
        "split_ratio": "prod",
    }
    weeks = frame.groupby(frame["session"].dt.to_period("W"), sort=True)
    found = weeks.agg(rules)
    found.insert(5, "volume", weeks["volume"].sum(min_count=1))
    return found.reset_index(drop=True)
