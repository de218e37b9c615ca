"""Synthetic `bars` frames for tests: made here, from a seed, without market data."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from core.reference.schema import BAR_COLUMNS
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker


def walk(
    ticker: str = "AAPL",
    sessions: int = 600,
    seed: int = 0,
    volatility: float | np.ndarray = 0.02,
    end: str = "2024-06-28",
    start_price: float = 100.0,
) -> pd.DataFrame:
    """One ticker on a random walk with a range around open and close."""
    source = np.random.default_rng(seed)
    dates = pd.bdate_range(end=end, periods=sessions).as_unit("ns")
    pieces = source.standard_normal((sessions, 16)) * np.broadcast_to(
        np.asarray(volatility, dtype=float).reshape(-1, 1) / 4.0, (sessions, 16)
    )
    path = np.log(start_price) + np.cumsum(pieces).reshape(sessions, 16)
    # Where the session before ended is where this one opens: there is no overnight move.
    opened = np.r_[np.log(start_price), path[:-1, -1]]
    whole = np.column_stack([opened, path])
    return frame(
        ticker,
        dates,
        np.exp(whole[:, -1]),
        open=np.exp(opened),
        high=np.exp(whole.max(axis=1)),
        low=np.exp(whole.min(axis=1)),
    )


def walks(count: int = 3, sessions: int = 600, seed: int = 0, **kwargs: object) -> pd.DataFrame:
    """Several independent walks named T0, T1, ..."""
    return pd.concat(
        [walk(f"T{k}", sessions, seed * 1000 + k, **kwargs) for k in range(count)],  # type: ignore
        ignore_index=True,
    )


def frame(ticker: str, dates: object, close: object, **columns: object) -> pd.DataFrame:
    """The `bars` contract from closes; open, high and low are NaN unless given."""
    values = {
        "ticker": ticker,
        "session": pd.DatetimeIndex(dates).as_unit("ns"),
        "open": np.nan,
        "high": np.nan,
        "low": np.nan,
        "close": close,
        "volume": 1e6,
        "dividend": 0.0,
        "split_ratio": 1.0,
        "source": "sample",
        "ingested_at": pd.Timestamp("2024-07-01", tz="UTC"),
    }
    bars = pd.DataFrame(values | columns)
    bars["ticker"] = bars["ticker"].astype("str")
    return bars.loc[:, list(BAR_COLUMNS)]


def timely(counts: dict[str, int]) -> pd.DataFrame:
    """Bars of one's own up to the last closed session, of tickers whose next has not opened.

    Parameters
    ----------
    counts : how many of each ticker; those of New York and Taiwan are never open at once, so
        that where one is, its tickers are left out.
    """
    now, found = datetime.now(UTC), []
    for name, count in counts.items():
        calendar = Ticker.parse(name).market.calendar
        if not SHIPPED[calendar].is_open(now):
            days = SHIPPED[calendar].sessions
            days = days[days <= SHIPPED[calendar].latest_closed(now)][-count:]
            found.append(walk(name, count, seed=count).assign(source="csv", session=days))
    return pd.concat(found, ignore_index=True)
