"""Compiled passes over one series, oldest first, written in place: what indicators are made of."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def change(values: np.ndarray, window: int, out: np.ndarray) -> None:
    """Simple return over `window` values, as a share; NaN for the first `window`."""
    out[:window] = np.nan
    for at in range(window, len(values)):
        out[at] = values[at] / values[at - window] - 1.0


@njit(cache=True, nogil=True)
def average(values: np.ndarray, window: int, out: np.ndarray) -> None:
    """Mean of the newest `window` values; NaN for the first window - 1, and while one is NaN.

    Notes
    -----
    Each window is the end of one stretch of `window` values and the beginning of the next, and
    both are summed up from where they meet. So nothing is ever taken away from a sum: it does
    not drift, and a NaN or a huge value is forgotten once it has left the window.
    """
    out[: window - 1] = np.nan
    behind = np.empty(window)
    for meet in range(window - 1, len(values), window):
        total = 0.0
        for back in range(window):
            total += values[meet - back]
            behind[back] = total
        total = 0.0
        out[meet] = behind[window - 1] / window
        for ahead in range(1, min(window, len(values) - meet)):
            total += values[meet + ahead]
            out[meet + ahead] = (behind[window - 1 - ahead] + total) / window


@njit(cache=True, nogil=True)
def moments(values: np.ndarray, window: int, mean: np.ndarray, deviation: np.ndarray) -> None:
    """Mean and population deviation of the newest `window` values; NaN as in `average`.

    Notes
    -----
    As `average`, with every value held against the one where the stretches meet. That one is in
    the window, so its distance from the mean is at most the root of window - 1 deviations, and
    the difference of squares loses no more than a factor `window` in precision.
    """
    mean[: window - 1] = np.nan
    deviation[: window - 1] = np.nan
    behind, squares = np.empty(window), np.empty(window)
    for meet in range(window - 1, len(values), window):
        centre = values[meet]
        total, square = 0.0, 0.0
        for back in range(window):
            gap = values[meet - back] - centre
            total += gap
            square += gap * gap
            behind[back] = total
            squares[back] = square
        total, square = 0.0, 0.0
        for ahead in range(min(window, len(values) - meet)):
            gap = values[meet + ahead] - centre
            total += gap
            square += gap * gap
            off = (behind[window - 1 - ahead] + total) / window
            spread = (squares[window - 1 - ahead] + square) / window - off * off
            mean[meet + ahead] = centre + off
            deviation[meet + ahead] = np.sqrt(max(spread, 0.0))


@njit(cache=True, nogil=True)
def smooth(values: np.ndarray, window: int, gain: float, out: np.ndarray) -> None:
    """Exponential average seeded with the plain mean of the first `window` values.

    Parameters
    ----------
    values : float64 (n,); leading NaN are skipped, a later one makes all that follows NaN.
    window : values in the seed, at least 1.
    gain : weight of the newest value, in (0, 1].
    out : float64 (n,), NaN before the seed is complete.
    """
    start = 0
    while start < len(values) and np.isnan(values[start]):
        start += 1
    ready = min(start + window - 1, len(values))
    out[:ready] = np.nan
    if ready == len(values):
        return
    level = values[start : ready + 1].mean()
    out[ready] = level
    for at in range(ready + 1, len(values)):
        level = (1.0 - gain) * level + gain * values[at]  # the shorter chain: one step waits less
        out[at] = level


@njit(cache=True, nogil=True)
def strength(values: np.ndarray, window: int, out: np.ndarray) -> None:
    """Wilder's relative strength index, 0..100; NaN for the first `window` values.

    100 where nothing fell, 50 where nothing moved at all.
    """
    ready = min(window, len(values))
    out[:ready] = np.nan
    if ready == len(values):
        return
    gain, rise, fall = 1.0 / window, 0.0, 0.0
    for at in range(1, ready + 1):
        step = values[at] - values[at - 1]
        rise += gain * max(step, 0.0)
        fall += gain * max(-step, 0.0)
    out[ready] = 100.0 * rise / (rise + fall) if rise + fall > 0.0 else 50.0
    for at in range(ready + 1, len(values)):
        step = values[at] - values[at - 1]
        rise = (1.0 - gain) * rise + gain * max(step, 0.0)
        fall = (1.0 - gain) * fall + gain * max(-step, 0.0)
        out[at] = 100.0 * rise / (rise + fall) if rise + fall > 0.0 else 50.0


@njit(cache=True, nogil=True)
def true_range(high: np.ndarray, low: np.ndarray, close: np.ndarray, out: np.ndarray) -> None:
    """How far a session's price went, the way from the close before included; NaN for the first.

    Where high or low is NaN, the distance of the two closes.
    """
    out[:1] = np.nan
    for at in range(1, len(close)):
        top, bottom = max(close[at], close[at - 1]), min(close[at], close[at - 1])
        if high[at] > top:
            top = high[at]
        if low[at] < bottom:
            bottom = low[at]
        out[at] = top - bottom


@njit(cache=True, nogil=True)
def realised(logged: np.ndarray, window: int, out: np.ndarray) -> None:
    """Root mean square of the newest `window` one-session log returns, of log prices `logged`.

    NaN for the first `window`.
    """
    squared = np.empty(max(len(logged) - 1, 0))
    for at in range(len(squared)):
        squared[at] = (logged[at + 1] - logged[at]) ** 2
    out[:1] = np.nan
    average(squared, window, out[1:])
    for at in range(min(window, len(logged)), len(logged)):
        out[at] = np.sqrt(out[at])
