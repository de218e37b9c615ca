"""Compiled passes over one series, oldest first, written in place: what indicators are made of.

`values`, and whatever stands in its place, is float64 (n,); so is every array written, in the units
of the values unless another is named. `window` counts values, at least 1.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def change(values: np.ndarray, window: int, out: np.ndarray) -> None:
    """Simple return over `window` values, as a share; NaN for the first `window`."""
    out[:window] = np.nan
    # Slices and plain counters, here and below: an index that might be negative costs a look.
    now, found = values[window:], out[window:]
    for at in range(len(now)):
        found[at] = now[at] / values[at] - 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def average(values: np.ndarray, window: int, out: np.ndarray) -> None:
    """Mean of the newest `window` values; NaN for the first window - 1, and while one is NaN.

    Notes
    -----
    Nothing is ever taken away from a sum: it does not drift, and a NaN or a huge value is
    forgotten once it has left the window. Five values are summed anew for each mean, and an even
    window is two of half its length, for such loops do several sessions at a time.
    """
    part, times = window, 0
    while part % 2 == 0:
        part, times = part // 2, times + 1
    parts = np.empty((times, len(values)))
    last = parts[0] if times else out
    if part == 5:
        fives(values, last)
    else:
        stretches(values, part, last)
    for at in range(times):
        following = parts[at + 1] if at + 1 < times else out
        joined(parts[at], part << at, following)


@njit(cache=True, nogil=True, error_model="numpy")
def fives(values: np.ndarray, out: np.ndarray) -> None:
    """`average` of five."""
    out[:4] = np.nan
    one, two, three, four, five = values, values[1:], values[2:], values[3:], values[4:]
    found = out[4:]
    for at in range(len(five)):
        found[at] = ((one[at] + two[at]) + (three[at] + four[at]) + five[at]) * 0.2


@njit(cache=True, nogil=True, error_model="numpy")
def joined(half: np.ndarray, window: int, out: np.ndarray) -> None:
    """`average` of 2 x `window`, from `half`, the average of `window`."""
    out[: 2 * window - 1] = np.nan
    now, before, found = half[2 * window - 1 :], half[window - 1 :], out[2 * window - 1 :]
    for at in range(len(now)):
        found[at] = (before[at] + now[at]) * 0.5


@njit(cache=True, nogil=True, error_model="numpy")
def stretches(values: np.ndarray, window: int, out: np.ndarray) -> None:
    """`average` of any window, each of which is the end of one stretch and the start of the next.

    A stretch has `window` values; both parts are summed up from where the two meet.
    """
    out[: window - 1] = np.nan
    behind, share = np.empty(window + 1), 1.0 / window
    for end in range(window, len(values) + 1, window):
        total, stretch = 0.0, values[end - window : end]
        for at in range(window - 1, -1, -1):
            total += stretch[at]
            behind[at] = total
        behind[window] = 0.0
        total, found = 0.0, out[end - 1 :]
        found[0] = behind[0] * share
        after = values[end : end + window - 1]
        for at in range(len(after)):
            total += after[at]
            found[at + 1] = (behind[at + 1] + total) * share


@njit(cache=True, nogil=True, error_model="numpy")
def moments(values: np.ndarray, window: int, mean: np.ndarray, deviation: np.ndarray) -> None:
    """Mean and population deviation of the newest `window` values; NaN as in `average`.

    Notes
    -----
    As `stretches`, with every value held against the one where the stretches meet. That one is in
    the window, so its distance from the mean is at most the root of window - 1 deviations, and
    the difference of squares loses no more than a factor `window` in precision.
    """
    mean[: window - 1] = np.nan
    deviation[: window - 1] = np.nan
    behind, squares, share = np.empty(window), np.empty(window), 1.0 / window
    for end in range(window, len(values) + 1, window):
        total, square, stretch = 0.0, 0.0, values[end - window : end]
        centre = stretch[window - 1]
        for at in range(window - 1, -1, -1):
            gap = stretch[at] - centre
            total += gap
            square += gap * gap
            behind[at] = total
            squares[at] = square
        total, square, after = 0.0, 0.0, values[end - 1 : end + window - 1]
        middle, spread = mean[end - 1 :], deviation[end - 1 :]
        for at in range(len(after)):
            gap = after[at] - centre  # nothing for the first, which is the centre
            total += gap
            square += gap * gap
            off = (behind[at] + total) * share
            middle[at] = centre + off
            spread[at] = np.sqrt(max((squares[at] + square) * share - off * off, 0.0))


@njit(cache=True, nogil=True, error_model="numpy")
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
    level, keep = values[start : ready + 1].mean(), 1.0 - gain
    out[ready] = level
    rest, into = values[ready + 1 :], out[ready + 1 :]
    # Two at a time: each pair waits for the level before it only once.
    for pair in range(len(rest) // 2):
        one, two = gain * rest[2 * pair], gain * rest[2 * pair + 1]
        into[2 * pair] = keep * level + one
        level = keep * keep * level + (keep * one + two)
        into[2 * pair + 1] = level
    if len(rest) % 2:
        into[len(rest) - 1] = keep * level + gain * rest[len(rest) - 1]


@njit(cache=True, nogil=True, error_model="numpy")
def strength(values: np.ndarray, window: int, out: np.ndarray) -> None:
    """Wilder's relative strength index, 0..100; NaN for the first `window` values.

    100 where nothing fell, 50 where nothing moved at all.
    """
    ready = min(window, len(values))
    out[:ready] = np.nan
    if ready == len(values):
        return
    gain, rise, fall, before = 1.0 / window, 0.0, 0.0, values[0]
    for at in range(1, ready + 1):
        step = values[at] - before
        before = values[at]
        rise += gain * max(step, 0.0)
        fall += gain * max(-step, 0.0)
    out[ready] = 100.0 * rise / (rise + fall) if rise + fall > 0.0 else 50.0
    for at in range(ready + 1, len(values)):
        step = values[at] - before
        before = values[at]
        rise = (1.0 - gain) * rise + gain * max(step, 0.0)
        fall = (1.0 - gain) * fall + gain * max(-step, 0.0)
        out[at] = 100.0 * rise / (rise + fall) if rise + fall > 0.0 else 50.0


@njit(cache=True, nogil=True, error_model="numpy")
def true_range(high: np.ndarray, low: np.ndarray, close: np.ndarray, out: np.ndarray) -> None:
    """How far a session's price went, the way from the close before included; NaN for the first.

    Where high or low is NaN, the distance of the two closes.
    """
    out[:1] = np.nan
    now, above, below, found = close[1:], high[1:], low[1:], out[1:]
    for at in range(len(now)):
        top, bottom = max(now[at], close[at]), min(now[at], close[at])
        top = above[at] if above[at] > top else top
        bottom = below[at] if below[at] < bottom else bottom
        found[at] = top - bottom


@njit(cache=True, nogil=True, error_model="numpy")
def realised(logged: np.ndarray, window: int, out: np.ndarray) -> None:
    """Root mean square of the newest `window` one-session log returns, of log prices `logged`.

    NaN for the first `window`.
    """
    now = logged[1:]
    squared = np.empty(len(now))
    for at in range(len(now)):
        squared[at] = (now[at] - logged[at]) ** 2
    out[:1] = np.nan
    found = out[1:]
    average(squared, window, found)
    for at in range(len(found)):
        found[at] = np.sqrt(found[at])


@njit(cache=True, nogil=True, error_model="numpy")
def textbook_rows(
    first: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
    logged: np.ndarray,
    volume: np.ndarray,
    found: np.ndarray,
) -> None:
    """All indicators of `core.features.textbook.NAMES` in that order, ticker by ticker.

    Arrays are as `core.features.textbook.indicators_of` takes and gives them; `first` may hold a
    part of the tickers, whose rows alone are written. `logged` is the log of the closes from the
    first of these tickers to the last. In this file, for numba takes a kernel it has kept to be
    fresh if its own file is, whatever it calls.
    """
    for ticker in range(len(first) - 1):
        a, b = first[ticker], first[ticker + 1]
        price = close[a:b]
        for at, window in enumerate((1, 5, 10, 20)):
            change(price, window, found[at][a:b])
        average(price, 5, found[4][a:b])
        joined(found[4][a:b], 5, found[5][a:b])
        # A row first, then its part: compiled code then knows that values lie side by side.
        middle, lower, upper = found[6][a:b], found[7][a:b], found[8][a:b]
        moments(price, 20, middle, upper)
        for row in range(b - a):
            reach = 2.0 * upper[row]
            lower[row], upper[row] = middle[row] - reach, middle[row] + reach
        fast, slow, line = found[9][a:b], found[10][a:b], found[11][a:b]
        signal, histogram = found[12][a:b], found[13][a:b]
        smooth(price, 12, 2.0 / 13.0, fast)
        smooth(price, 26, 2.0 / 27.0, slow)
        for row in range(b - a):
            line[row] = fast[row] - slow[row]
        smooth(line, 9, 2.0 / 10.0, signal)
        for row in range(b - a):
            histogram[row] = line[row] - signal[row]
        strength(price, 14, found[14][a:b])
        reached = np.empty(b - a)
        true_range(high[a:b], low[a:b], price, reached)
        smooth(reached, 14, 1.0 / 14.0, found[15][a:b])
        average(volume[a:b], 20, found[16][a:b])
        realised(logged[a - first[0] : b - first[0]], 20, found[17][a:b])
