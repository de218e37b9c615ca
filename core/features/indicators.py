"""Textbook indicators of one price series, for charts: 1-D arrays in and out, NaN in warm-up."""

from typing import NamedTuple

import numpy as np

from core.errors import InvalidInputError
from core.features import rolling


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
    """Mean of the newest `window` values, (n,); NaN for the first window - 1 and next to a NaN.

    Raises
    ------
    InvalidInputError : the window is below 1.
    """
    series = _series(values, window)
    found = np.empty(len(series))
    rolling.average(series, window, found)
    return found


def ema(values: np.ndarray, span: int) -> np.ndarray:
    """Exponential average with weight 2 / (span + 1), (n,), seeded with the first `span` values.

    NaN until the seed is complete; a NaN after the first value makes all that follows NaN.

    Raises
    ------
    InvalidInputError : the span is below 1.
    """
    series = _series(values, span)
    found = np.empty(len(series))
    rolling.smooth(series, span, 2.0 / (span + 1.0), found)
    return found


def rsi(values: np.ndarray, window: int = 14) -> np.ndarray:
    """Wilder's relative strength index, 0..100, (n,); NaN for the first `window` values.

    100 where nothing fell, 50 where nothing moved at all.

    Raises
    ------
    InvalidInputError : the window is below 1.
    """
    series = _series(values, window)
    found = np.empty(len(series))
    rolling.strength(series, window, found)
    return found


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
    series = _series(values, window)
    middle, deviation = np.empty((2, len(series)))
    rolling.moments(series, window, middle, deviation)
    return Bollinger(middle - deviations * deviation, middle, middle + deviations * deviation)


def _series(values: np.ndarray, window: int) -> np.ndarray:
    if window < 1:
        raise InvalidInputError("A window must hold at least one session.", "window")
    return np.ascontiguousarray(values, dtype=np.float64)
