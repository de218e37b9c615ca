"""The textbook indicators by other libraries, ticker by ticker: run in the peers' environment.

`python -m tests.benchmarks.peers.indicators question.npz answer.npz METHOD TIMES`; the question
holds `first`, `high`, `low`, `close` and `volume` as `core.features.textbook.indicators_of` takes
them, the answer `seconds`, the least of so many times, and `found` (18, rows) in the same order.
"""

import sys
import time

import numpy as np
import pandas as pd
import talib


def by_talib(
    high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray, out: np.ndarray
) -> None:
    """TA-Lib's functions."""
    for at, window in enumerate((1, 5, 10, 20)):
        out[at] = talib.ROCP(close, window)
    out[4], out[5] = talib.SMA(close, 5), talib.SMA(close, 10)
    out[8], out[6], out[7] = talib.BBANDS(close, 20)
    out[9], out[10] = talib.EMA(close, 12), talib.EMA(close, 26)
    out[11], out[12], out[13] = talib.MACD(close)
    out[14], out[15] = talib.RSI(close), talib.ATR(high, low, close)
    out[16] = talib.SMA(volume, 20)
    out[17, 0] = np.nan
    out[17, 1:] = np.sqrt(talib.SMA(np.diff(np.log(close)) ** 2, 20))


def by_pandas(
    high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray, out: np.ndarray
) -> None:
    """pandas' rolling and exponential windows."""
    price, before = pd.Series(close), pd.Series(close).shift()
    for at, window in enumerate((1, 5, 10, 20)):
        out[at] = price.pct_change(window)
    out[4], out[5] = price.rolling(5).mean(), price.rolling(10).mean()
    middle, spread = price.rolling(20).mean(), price.rolling(20).std(ddof=0)
    out[6], out[7], out[8] = middle, middle - 2 * spread, middle + 2 * spread
    fast, slow = price.ewm(span=12, adjust=False).mean(), price.ewm(span=26, adjust=False).mean()
    signal = (fast - slow).ewm(span=9, adjust=False).mean()
    out[9], out[10], out[11], out[12], out[13] = (
        fast,
        slow,
        fast - slow,
        signal,
        fast - slow - signal,
    )
    step = price.diff()
    rise = step.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    fall = (-step).clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    out[14] = 100 * rise / (rise + fall)
    reach = np.maximum(high, before) - np.minimum(low, before)
    out[15] = reach.ewm(alpha=1 / 14, adjust=False).mean()
    out[16] = pd.Series(volume).rolling(20).mean()
    out[17] = np.sqrt((np.log(price / before) ** 2).rolling(20).mean())


def main() -> None:
    """Answer one question."""
    question, answer, method, times = sys.argv[1:5]
    with np.load(question) as given:
        first = given["first"]
        series = [given[name] for name in ("high", "low", "close", "volume")]
    work = {"talib": by_talib, "pandas": by_pandas}[method]
    took = []
    for _ in range(int(times)):
        started = time.perf_counter()
        found = np.empty((18, first[-1]))
        for a, b in zip(first[:-1], first[1:]):
            work(*(one[a:b] for one in series), found[:, a:b])
        took.append(time.perf_counter() - started)
    np.savez(answer, seconds=min(took), found=found)


if __name__ == "__main__":
    main()
