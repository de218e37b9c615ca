"""The textbook indicators by TA-Lib.

In the peers' environment, `python -m tests.benchmarks.peers.indicators question.npz answer.npz`;
the question holds `high`, `low`, `close` and `volume` of one ticker, oldest first, the answer
`found` (indicators, rows) in the order of `core.features.indicators.NAMES`.
"""

import sys

import numpy as np
import talib


def by_talib(
    high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray
) -> list[np.ndarray]:
    """TA-Lib's functions, one indicator after the other."""
    returns = [talib.ROCP(close, window) for window in (1, 5, 10, 20)]
    upper, middle, lower = talib.BBANDS(close, 20)
    averages = [talib.SMA(close, 5), talib.SMA(close, 10), middle, lower, upper]
    smoothed = [talib.EMA(close, 12), talib.EMA(close, 26), *talib.MACD(close)]
    moved = np.r_[np.nan, np.sqrt(talib.SMA(np.diff(np.log(close)) ** 2, 20))]
    rest = [talib.RSI(close), talib.ATR(high, low, close), talib.SMA(volume, 20), moved]
    return [*returns, *averages, *smoothed, *rest]


def main() -> None:
    """Answer one question."""
    question, response = sys.argv[1:3]
    with np.load(question) as given:
        series = [given[name] for name in ("high", "low", "close", "volume")]
    np.savez(response, found=np.array(by_talib(*series)))


if __name__ == "__main__":
    main()
