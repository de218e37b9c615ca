"""Rows for checks: quiet prices on sessions of an exchange, changed where a test says."""

import numpy as np
import pandas as pd

from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker

AAPL = Ticker.parse("AAPL")
XNYS = SHIPPED["XNYS"]


def quiet(count: int = 60, ticker: Ticker = AAPL, end: str = "2024-06-28") -> pd.DataFrame:
    """Prices around 100 that hardly move, ranges around them, no two volumes alike."""
    known = SHIPPED[ticker.market.calendar].sessions
    dates = known[known <= end][-count:]
    assert len(dates) == count
    close = 100.0 + np.sin(np.arange(count))
    return pd.DataFrame(
        {
            "ticker": ticker.symbol,
            "session": dates.astype("datetime64[ns]"),
            "open": close - 0.25,
            "high": close + 0.5,
            "low": close - 0.5,
            "close": close,
            "volume": 1_000_003.0 + 17.0 * np.arange(count),
            "dividend": 0.0,
            "split_ratio": 1.0,
            "source": "yahoo",
            "ingested_at": pd.Timestamp("2024-07-01", tz="UTC"),
        }
    )


def scaled(bars: pd.DataFrame, rows: slice, times: float) -> pd.DataFrame:
    """The frame with the prices of these rows multiplied."""
    changed = bars.copy()
    for name in ("open", "high", "low", "close"):
        changed.loc[changed.index[rows], name] *= times
    return changed


def as_tuples(bars: pd.DataFrame, found: list) -> list[tuple[str, int, int, str]]:  # type: ignore
    """(code, first row, last row, held) of each finding."""
    return [(one.code, int(one.rows[0]), int(one.rows[-1]), one.hold) for one in found]
