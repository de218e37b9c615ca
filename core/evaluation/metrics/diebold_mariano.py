"""Whether two forecasters differ by more than chance, from their losses on the same dates."""

from dataclasses import dataclass

import numpy as np

_TAIL = 0.05  # on either side of the band


@dataclass(frozen=True)
class DieboldMarianoTest:
    """A Diebold-Mariano test; NaN where the dates are too few or the losses never differ.

    Parameters
    ----------
    statistic : above zero where the forecaster loses less than its baseline.
    p : probability of one as far from zero, either way, if both were equally good.
    n : dates.
    lag : successive dates that were taken for dependent.
    difference, low, high : mean loss of the baseline less that of the forecaster, and its 90 %
        band: what the test at 10 % would not reject.
    """

    statistic: float
    p: float
    n: int
    lag: int
    difference: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")


def diebold_mariano(
    loss: np.ndarray, baseline: np.ndarray, overlap: int = 1, lag: int | None = None
) -> DieboldMarianoTest:
    """Test two series of losses for equal means.

    Parameters
    ----------
    loss, baseline : float64 (dates,), in time order, evenly spaced, finite.
    overlap : successive dates whose targets overlap, 1 if none do: for every session the horizon.
    lag : of the variance, at least overlap - 1. None means twice that, or what Newey and West ask
        for that many dates if it is more: losses cluster as volatility does.

    Notes
    -----
    Diebold and Mariano (1995), Comparing predictive accuracy; the variance of Newey and West
    (1987), which is never below zero; correction and Student's t of Harvey, Leybourne and
    Newbold (1997).
    """
    from scipy.special import stdtr, stdtrit

    gap = baseline - loss
    count = len(gap)
    automatic = int(4.0 * (count / 100.0) ** (2.0 / 9.0))
    depth = max(2 * (overlap - 1), automatic) if lag is None else max(lag, overlap - 1)
    factor = count + 1 - 2 * overlap + overlap * (overlap - 1) / max(count, 1)
    mean = float(gap.mean()) if count else float("nan")
    unknown = DieboldMarianoTest(float("nan"), float("nan"), count, depth, mean)
    if count <= 2 * depth + 1 or factor <= 0:
        return unknown
    moved = gap - mean
    variance = float(moved @ moved)
    for back in range(1, depth + 1):
        variance += 2.0 * (1.0 - back / (depth + 1.0)) * float(moved[back:] @ moved[:-back])
    variance /= count
    # What is left of equal gaps by rounding is no variance.
    if variance <= (1e-12 * np.abs(gap).max()) ** 2:
        return unknown
    error = float(np.sqrt(variance / count) / np.sqrt(factor / count))
    statistic, reach = mean / error, float(stdtrit(count - 1, 1.0 - _TAIL)) * error
    p = float(2.0 * stdtr(count - 1, -abs(statistic)))
    return DieboldMarianoTest(statistic, p, count, depth, mean, mean - reach, mean + reach)
