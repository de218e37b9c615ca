"""Textbook indicators of one price series, for charts: 1-D arrays in and out, NaN in warm-up."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.errors import InvalidInputError
from core.features.kernels import smooth


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


def sma(values: np.ndarray, window: int) -> np.ndarray:
    """Mean of the newest `window` values, (n,); NaN for the first window - 1.

    Raises
    ------
    InvalidInputError : the window is below 1.
    """
    return _padded(_windows(values, window).mean(axis=-1), values)


def ema(values: np.ndarray, span: int) -> np.ndarray:
    """Exponential average with weight 2 / (span + 1), (n,), seeded with the first `span` values.

    NaN until the seed is complete; a NaN after the first value makes all that follows NaN.

    Raises
    ------
    InvalidInputError : the span is below 1.
    """
    series = _series(values, span)
    smoothed: np.ndarray = smooth(series, span, 2.0 / (span + 1.0))
    return smoothed


def rsi(values: np.ndarray, window: int = 14) -> np.ndarray:
    """Wilder's relative strength index, 0..100, (n,); NaN for the first `window` values.

    100 where nothing fell, 50 where nothing moved at all.

    Raises
    ------
    InvalidInputError : the window is below 1.
    """
    series = _series(values, window)
    change = np.diff(series, prepend=np.nan)
    rise = smooth(np.maximum(change, 0.0), window, 1.0 / window)
    fall = smooth(np.maximum(-change, 0.0), window, 1.0 / window)
    moved = rise + fall
    still = np.where(np.isnan(moved), np.nan, 50.0)
    return np.where(moved > 0, 100.0 * rise / np.where(moved > 0, moved, 1.0), still)


def macd(values: np.ndarray, fast: int = 12, slow: int = 26, signal: int = 9) -> Macd:
    """Moving average convergence/divergence, each average seeded as in `ema`.

    The line is NaN for the first slow - 1 values, the signal for signal - 1 more.

    Raises
    ------
    InvalidInputError : a span is below 1, or fast is not below slow.
    """
    if fast >= slow:
        raise InvalidInputError("The fast span must be below the slow one.", "fast")
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
    spread = deviations * _padded(_windows(values, window).std(axis=-1), values)
    return Bollinger(middle - spread, middle, middle + spread)


def _series(values: np.ndarray, window: int) -> np.ndarray:
    if window < 1:
        raise InvalidInputError("A window must hold at least one session.", "window")
    return np.ascontiguousarray(values, dtype=np.float64)


def _windows(values: np.ndarray, window: int) -> np.ndarray:
    series = _series(values, window)
    if len(series) < window:
        return np.empty((0, window))
    return sliding_window_view(series, window)


def _padded(found: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.concatenate([np.full(len(values) - len(found), np.nan), found])
