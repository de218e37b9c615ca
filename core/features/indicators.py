"""Textbook indicators of one ticker's prices, for its chart and its file: NaN in warm-up."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from core.foundation.errors import InvalidInputError
from core.reference.schema import validate_bars

NAMES = (
    *("return_1", "return_5", "return_10", "return_20"),
    *("sma_5", "sma_10", "sma_20", "bollinger_lower", "bollinger_upper"),
    *("ema_12", "ema_26", "macd", "macd_signal", "macd_histogram"),
    *("rsi_14", "atr_14", "volume_20", "volatility_20"),
)


class Macd(NamedTuple):
    """Fast minus slow average, its own average, and the gap between the two; price units."""

    line: np.ndarray
    signal: np.ndarray
    histogram: np.ndarray


class Bollinger(NamedTuple):
    """Moving average and the bands around it; price units."""

    lower: np.ndarray
    middle: np.ndarray
    upper: np.ndarray


def textbook(bars: pd.DataFrame) -> pd.DataFrame:
    """Indicators of every session of a ticker, each from that session and earlier ones alone.

    Parameters
    ----------
    bars : the `bars` contract, of one ticker, in any row order, raw or adjusted: prices are taken
        as they are, so hand on adjusted ones if a split is not to look like a fall.

    Returns
    -------
    Frame sorted by session: `ticker`, `session`, then float64 columns `NAMES`. Returns are simple,
    as shares; averages, bands, MACD and ATR in price units; RSI 0..100; `volume_20` the mean
    volume; `volatility_20` the root mean squared log return per session. The number in a name
    counts sessions, MACD has the usual 12, 26 and 9. NaN in warm-up, and where a volume is
    missing, in the means that hold it. ATR takes closes where high or low is missing.

    Raises
    ------
    SchemaError : the contract is broken, naming the column.
    """
    rows = validate_bars(bars)
    high, low, close, volume = (
        rows[name].to_numpy(np.float64) for name in ("high", "low", "close", "volume")
    )
    before = np.r_[np.nan, close[:-1]]
    top = np.fmax(np.fmax(high, close), before)
    bottom = np.fmin(np.fmin(low, close), before)
    lines, bands = macd(close), bollinger(close)
    found: dict[str, np.ndarray] = {
        f"return_{sessions}": rows["close"].pct_change(sessions).to_numpy()
        for sessions in (1, 5, 10, 20)
    }
    found |= {"sma_5": sma(close, 5), "sma_10": sma(close, 10), "sma_20": bands.middle}
    found |= {"bollinger_lower": bands.lower, "bollinger_upper": bands.upper}
    found |= {"ema_12": ema(close, 12), "ema_26": ema(close, 26)}
    found |= {f"macd{part}": line for part, line in zip(("", "_signal", "_histogram"), lines)}
    found |= {"rsi_14": rsi(close), "atr_14": _average(_from_second(top - bottom), 14, 1.0 / 14.0)}
    found |= {"volume_20": sma(volume, 20)}
    found |= {"volatility_20": np.sqrt(sma(np.log(close / before) ** 2, 20))}
    return pd.concat([rows[["ticker", "session"]], pd.DataFrame(found, rows.index)], axis=1)


def sma(values: np.ndarray, window: int) -> np.ndarray:
    """Mean of the newest `window` values, (n,); NaN for the first window - 1 and next to a NaN.

    Raises
    ------
    InvalidInputError : the window is below 1.
    """
    return _after_warm_up(_windows(values, window).mean(axis=1), len(values))


def ema(values: np.ndarray, span: int) -> np.ndarray:
    """Exponential average with weight 2 / (span + 1), (n,), seeded with the first `span` values.

    NaN until the seed is complete; a NaN after that is passed over.

    Raises
    ------
    InvalidInputError : the span is below 1.
    """
    return _average(values, span, 2.0 / (span + 1.0))


def rsi(values: np.ndarray, window: int = 14) -> np.ndarray:
    """Wilder's relative strength index, 0..100, (n,); NaN for the first `window` values.

    100 where nothing fell, 50 where nothing moved at all.

    Raises
    ------
    InvalidInputError : the window is below 1.
    """
    moves = np.diff(values, prepend=np.nan)
    rise, fall = (
        _average(np.where(np.isnan(moves), np.nan, np.maximum(part, 0.0)), window, 1.0 / window)
        for part in (moves, -moves)
    )
    moved = rise + fall
    return np.where(moved == 0.0, 50.0, 100.0 * rise / np.where(moved == 0.0, 1.0, moved))


def macd(values: np.ndarray, fast: int = 12, slow: int = 26, signal: int = 9) -> Macd:
    """Moving average convergence/divergence, each average seeded as in `ema`.

    The line is NaN for the first slow - 1 values, the signal for signal - 1 more.

    Raises
    ------
    InvalidInputError : a span is below 1, or fast is not below slow.
    """
    if fast >= slow:
        raise InvalidInputError(
            "indicator.fast-not-below-slow",
            "The fast span must be below the slow one.",
            parameter="fast",
        )
    line = ema(values, fast) - ema(values, slow)
    averaged = ema(line, signal)
    return Macd(line, averaged, line - averaged)


def bollinger(values: np.ndarray, window: int = 20, deviations: float = 2.0) -> Bollinger:
    """Mean of the newest `window` values and bands `deviations` population deviations away.

    NaN for the first window - 1 values.

    Raises
    ------
    InvalidInputError : the window is below 1.
    """
    middle = sma(values, window)
    reach = deviations * _after_warm_up(_windows(values, window).std(axis=1), len(values))
    return Bollinger(middle - reach, middle, middle + reach)


def _windows(values: np.ndarray, window: int) -> np.ndarray:
    """Every run of `window` values, (n - window + 1, window) or (0, window).

    Each is summed up anew: a running sum would keep the rounding of an old, huge value for ever.
    """
    if window < 1:
        raise InvalidInputError(
            "indicator.empty-window", "A window must hold at least one session.", parameter="window"
        )
    series = np.asarray(values, dtype=np.float64)
    if len(series) < window:
        return np.empty((0, window))
    return sliding_window_view(series, window)


def _after_warm_up(known: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([np.full(count - len(known), np.nan), known])


def _average(values: np.ndarray, window: int, weight: float) -> np.ndarray:
    """Exponential average, seeded with the mean of the first `window` values that are no NaN."""
    known = np.flatnonzero(~np.isnan(values))
    begin = int(known[0]) if len(known) else len(values)
    seed = _windows(values[begin : begin + window], window).mean(axis=1)
    seeded = _after_warm_up(np.r_[seed, values[begin + window :]], len(values))
    average: np.ndarray = pd.Series(seeded).ewm(alpha=weight, adjust=False).mean().to_numpy()
    return average


def _from_second(values: np.ndarray) -> np.ndarray:
    return np.where(np.arange(len(values)) > 0, values, np.nan)
