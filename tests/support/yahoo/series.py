"""Invented bars under real names, for trying things by hand and in tests: no price is real."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker

SYMBOLS = ("AAPL", "MSFT", "TSM", "2330.TW", "2317.TW", "0050.TW")
_YEARS = 3


def series(symbol: str, at: datetime | None = None, volatility: float = 0.015) -> pd.DataFrame:
    """About three years of a ticker up to the latest closed session, the same on each call.

    A random walk in whole cents, with a dividend a quarter and one 2:1 split in the middle.
    """
    # A session that closed within the last half hour is not stored yet.
    now = datetime.now(UTC) - timedelta(minutes=31) if at is None else at
    ticker = Ticker.parse(symbol)
    calendar = ticker.market.calendar
    last = SHIPPED[calendar].latest_closed(now)
    sessions = SHIPPED[calendar].between(last - pd.DateOffset(years=_YEARS), last)
    random = np.random.default_rng(sum(symbol.encode()))
    count = len(sessions)
    steps = volatility * random.standard_normal(count)
    split = np.ones(count)
    split[count // 2] = 2.0
    dividend = np.where(np.arange(count) % 63 == 40, 0.5, 0.0)
    closes = 200 * np.exp(np.cumsum(steps)) / np.cumprod(split)
    opened = closes * np.exp(volatility / 3 * random.standard_normal(count))
    around = np.abs(volatility / 2 * random.standard_normal((2, count)))
    bars = pd.DataFrame(
        {
            "ticker": symbol,
            "session": sessions,
            "open": opened,
            "high": np.maximum(opened, closes) * np.exp(around[0]),
            "low": np.minimum(opened, closes) * np.exp(-around[1]),
            "close": closes,
            "volume": random.integers(1_000, 90_000, count) * 100.0,
            "dividend": dividend,
            "split_ratio": split,
            "source": "yahoo",
            "ingested_at": pd.Timestamp(now),
        }
    )
    prices = ["open", "high", "low", "close"]
    bars[prices] = bars[prices].round(2)
    return bars
