"""The textbook indicators of every session of every ticker, in one compiled pass on all cores."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pandas as pd

from core.features.panel import ticker_major
from core.features.rolling import textbook_rows
from core.schema import validate_bars

_SHARES = 4
NAMES = (
    *("return_1", "return_5", "return_10", "return_20"),
    *("sma_5", "sma_10", "sma_20", "bollinger_lower", "bollinger_upper"),
    *("ema_12", "ema_26", "macd", "macd_signal", "macd_histogram"),
    *("rsi_14", "atr_14", "volume_20", "volatility_20"),
)


def textbook(bars: pd.DataFrame) -> pd.DataFrame:
    """Indicators of every (ticker, session), each from that session and earlier ones alone.

    Parameters
    ----------
    bars : the `bars` contract, in any row order, raw or adjusted: prices are taken as they are,
        so hand on adjusted ones if a split is not to look like a fall.

    Returns
    -------
    Frame sorted by (ticker, session): `ticker`, `session`, then float64 columns `NAMES`. Returns
    are simple, as shares; averages, bands, MACD and ATR in price units; RSI 0..100; `volume_20`
    the mean volume; `volatility_20` the root mean squared log return per session. The number in a
    name counts sessions, MACD has the usual 12, 26 and 9. NaN in warm-up, and where a volume is
    missing, in the means that hold it. ATR takes closes where high or low is missing.

    Raises
    ------
    SchemaError : the contract is broken, naming the column.
    """
    rows = validate_bars(bars)
    _, first, series = ticker_major(rows, ("high", "low", "close", "volume"))
    high, low, close, volume = series
    found = indicators_of(first, high, low, close, volume)
    frame = pd.DataFrame(found.T, columns=list(NAMES), copy=False)
    frame.insert(0, "ticker", rows["ticker"].array)
    frame.insert(1, "session", rows["session"].array)
    return frame


def indicators_of(
    first: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
    volume: np.ndarray,
    cores: int | None = None,
) -> np.ndarray:
    """`textbook` on arrays: float64 (len(NAMES), rows), each indicator contiguous.

    Parameters
    ----------
    first : int64 (tickers + 1,), row at which each ticker starts, and the number of rows.
    high, low, close, volume : float64 (rows,), rows of a ticker together, oldest first.
    cores : threads among which the tickers are shared out; None takes what the machine has.
    """
    found = np.empty((len(NAMES), len(close)))
    tickers, threads = len(first) - 1, cores or os.cpu_count() or 1
    # More shares than threads: one that is held up leaves the rest to the others.
    shares = 1 if threads == 1 else max(1, min(tickers, _SHARES * threads))
    cuts = np.searchsorted(first, np.linspace(0, len(close), shares + 1))

    def work(share: tuple[int, int]) -> None:
        begin, end = share
        # numpy's logarithm of many at once is several times faster than a compiled loop's.
        logged = np.log(close[first[begin] : first[end]])
        textbook_rows(first[begin : end + 1], high, low, close, logged, volume, found)

    if shares == 1:
        work((0, tickers))
        return found
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, pairwise(cuts.tolist())))
    return found
