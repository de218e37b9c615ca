"""Mean and variance of past one-session returns, as compiled loops over a ticker-major panel."""

import numpy as np

from core.features.compiled import compiled


@compiled()
def recent_moments(
    log_close: np.ndarray, rows: np.ndarray, age: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the newest one-session log returns up to each row.

    Parameters
    ----------
    log_close : float64 (panel rows,), log of the adjusted close.
    rows : int64 (rows,), where to look from.
    age : int64 (rows,), sessions of the ticker up to and including each of them.
    window : most returns to look at.

    Returns
    -------
    float64 (rows,) each, in log return; the deviation divides by the count. NaN for a ticker's
    first row.
    """
    mean, deviation = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for at in range(len(rows)):
        last = rows[at]
        count = min(window, age[at] - 1)
        if count < 1:
            continue
        middle = (log_close[last] - log_close[last - count]) / count
        total = 0.0
        for row in range(last - count + 1, last + 1):
            total += (log_close[row] - log_close[row - 1] - middle) ** 2
        mean[at] = middle
        deviation[at] = np.sqrt(total / count)
    return mean, deviation


@compiled()
def weighted_variance(first: np.ndarray, log_close: np.ndarray, decay: float) -> np.ndarray:
    """Mean squared one-session log return up to each row, an older one weighing less.

    Parameters
    ----------
    first : int64 (tickers + 1,), row at which each ticker starts, and the number of rows.
    log_close : float64 (rows,), log of the adjusted close.
    decay : weight of a return over that of the one after it, in (0, 1).

    Returns
    -------
    float64 (rows,), in squared log return; weights sum to one. NaN for a ticker's first row.
    """
    variance = np.full(len(log_close), np.nan)
    for ticker in range(len(first) - 1):
        total, weight = 0.0, 0.0
        for row in range(first[ticker] + 1, first[ticker + 1]):
            total = decay * total + (log_close[row] - log_close[row - 1]) ** 2
            weight = decay * weight + 1.0
            variance[row] = total / weight
    return variance
