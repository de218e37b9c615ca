"""The invented Taiwan series of the sample: a company that does not exist."""

import numpy as np
import pandas as pd

from core.reference.sessions import SHIPPED
from core.reference.synthetic_ticker import SYNTHETIC

_SEED = 9999
_FIRST, _LAST = pd.Timestamp("2003-01-02"), pd.Timestamp("2013-03-01")
_PRICE_LIMIT = 0.065  # log return: under Taiwan's 7 % of those years, even rounded to a tick
_MOMENTS = 16  # points of the path within a session, from which open, high and low follow


def synthetic_bars() -> pd.DataFrame:
    """Bars with volatility that clusters, one dividend a year and one 2:1 split.

    Returns
    -------
    The `bars` columns without `source` and `ingested_at`; prices in TWD, volume in shares.
    """
    random = np.random.Generator(np.random.PCG64(_SEED))
    dates = SHIPPED[SYNTHETIC.market.calendar].between(_FIRST, _LAST)
    sigma = _volatility(random, len(dates))
    path = random.standard_normal((len(dates), _MOMENTS)) / np.sqrt(_MOMENTS)
    inside = np.cumsum(path * sigma[:, None], axis=1)
    returns = np.clip(inside[:, -1] + 0.0003, -_PRICE_LIMIT, _PRICE_LIMIT)
    split = np.where(dates == _first_session(dates, 2008, 9), 2.0, 1.0)
    payout = np.zeros(len(dates))
    for year in range(dates[0].year, dates[-1].year):
        payout[dates == _first_session(dates, year, 7)] = 0.03  # of the close before

    close = np.empty(len(dates))
    dividend = np.zeros(len(dates))
    previous = 40.0
    for i, change in enumerate(returns):
        dividend[i] = round(previous * payout[i], 1)
        close[i] = (previous - dividend[i]) / split[i] * np.exp(change)
        previous = float(_to_tick(close[i]))
        close[i] = previous
    start = close / np.exp(returns)
    around = np.c_[close, start[:, None] * np.exp(np.clip(inside, -_PRICE_LIMIT, _PRICE_LIMIT))]
    first = _to_tick(start * np.exp(0.3 * path[:, 0] * sigma))
    low = np.minimum(_to_tick(around.min(axis=1)), np.minimum(first, close))
    high = np.maximum(_to_tick(around.max(axis=1)), np.maximum(first, close))
    busy = np.exp(0.35 * random.standard_normal(len(dates))) * (sigma / sigma.mean())
    return pd.DataFrame(
        {
            "ticker": SYNTHETIC.symbol,
            "session": dates,
            "open": first,
            "high": high,
            "low": low,
            "close": close,
            "volume": np.round(8_000 * busy * np.cumprod(split)) * 1_000,  # whole lots
            "dividend": dividend,
            "split_ratio": split,
        }
    )


def _volatility(random: np.random.Generator, count: int) -> np.ndarray:
    """Daily sigma that wanders slowly around 1.6 %."""
    level = np.zeros(count)
    shocks = random.standard_normal(count)
    for i in range(1, count):
        level[i] = 0.985 * level[i - 1] + 0.07 * shocks[i]
    sigma: np.ndarray = 0.016 * np.exp(level)
    return sigma


def _first_session(dates: pd.DatetimeIndex, year: int, month: int) -> pd.Timestamp:
    return pd.Timestamp(dates[dates >= pd.Timestamp(year, month, 1)][0])


def _to_tick(price: float | np.ndarray) -> np.ndarray:
    """Round to Taiwan's tick: 0.05 below 50, 0.1 below 100, 0.5 above (prices from 10 to 500)."""
    price = np.asarray(price)
    tick = np.select([price < 50, price < 100], [0.05, 0.1], 0.5)
    rounded: np.ndarray = np.round(np.round(price / tick) * tick, 2)
    return rounded
