"""The textbook indicators by other libraries, ticker by ticker.

In the peers' environment,
`python -m tests.benchmarks.peers.indicators question.npz answer.npz METHOD TIMES`; the question
holds `first`, `high`, `low`, `close` and `volume` as `core.features.textbook.indicators_of` takes
them, the answer `seconds`, the least of so many times, and `found` (18, rows) in the same order.
"""

import sys
import time

import numpy as np
import pandas as pd

Series = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def by_talib(first: np.ndarray, series: Series) -> np.ndarray:
    """TA-Lib's functions, written into one array."""
    import talib  # only the peers' environment has it, and by_pandas is asked elsewhere too

    found = np.empty((18, first[-1]))
    for a, b in zip(first[:-1], first[1:]):
        (high, low, close, volume), out = (one[a:b] for one in series), found[:, a:b]
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
    return found


def by_pandas(first: np.ndarray, series: Series) -> np.ndarray:
    """pandas' rolling and exponential windows, a frame a ticker, put together at the end."""
    parts = []
    for a, b in zip(first[:-1], first[1:]):
        high, low, close, volume = (pd.Series(one[a:b]) for one in series)
        before, step = close.shift(), close.diff()
        middle, spread = close.rolling(20).mean(), close.rolling(20).std(ddof=0)
        fast, slow = (close.ewm(span=span, adjust=False).mean() for span in (12, 26))
        line = fast - slow
        signal = line.ewm(span=9, adjust=False).mean()
        rise = step.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
        fall = (-step).clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
        reach = np.maximum(high, before) - np.minimum(low, before)
        squared = np.log(close / before) ** 2
        part = {f"return_{window}": close.pct_change(window) for window in (1, 5, 10, 20)}
        part |= {"sma_5": close.rolling(5).mean(), "sma_10": close.rolling(10).mean()}
        part |= {"sma_20": middle, "lower": middle - 2 * spread, "upper": middle + 2 * spread}
        part |= {"ema_12": fast, "ema_26": slow, "macd": line, "signal": signal}
        part |= {"histogram": line - signal, "rsi": 100 * rise / (rise + fall)}
        part |= {"atr": reach.ewm(alpha=1 / 14, adjust=False).mean()}
        part |= {"volume": volume.rolling(20).mean()}
        part |= {"volatility": np.sqrt(squared.rolling(20).mean())}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True).to_numpy().T


def main() -> None:
    """Answer one question."""
    question, answer, method, times = sys.argv[1:5]
    with np.load(question) as given:
        first = given["first"]
        series = tuple(given[name] for name in ("high", "low", "close", "volume"))
    work = {"talib": by_talib, "pandas": by_pandas}[method]
    took = []
    for _ in range(int(times)):
        started = time.perf_counter()
        found = work(first, series)
        took.append(time.perf_counter() - started)
    np.savez(answer, seconds=min(took), found=found)


if __name__ == "__main__":
    main()
