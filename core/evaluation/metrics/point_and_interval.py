"""Measures of a forecast: arrays in, arrays out, one metric a function; NaN in gives NaN out."""

from collections.abc import Sequence

import numpy as np


def pinball(actual: np.ndarray, quantiles: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Quantile error per level: actual (...) and quantiles (..., levels) give (..., levels).

    In the units of the actual, never below zero.
    """
    gap = actual[..., None] - quantiles
    loss: np.ndarray = np.maximum(np.asarray(levels) * gap, (np.asarray(levels) - 1.0) * gap)
    return loss


def inside(actual: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """1.0 where the actual lies in the interval, bounds included, else 0.0."""
    found = ((lower <= actual) & (actual <= upper)).astype(np.float64)
    return np.where(np.isnan(actual) | np.isnan(lower) | np.isnan(upper), np.nan, found)


def coverage(actual: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Share of known actuals inside their interval; NaN if there are none."""
    flags = inside(actual, lower, upper)
    flags = flags[np.isfinite(flags)]
    return float(flags.mean()) if len(flags) else float("nan")


def width(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Width of the interval in the units of its bounds."""
    gap: np.ndarray = upper - lower
    return gap


def hit_rate(actual: np.ndarray, median: np.ndarray) -> float:
    """Share of right signs among returns that moved; NaN if none did."""
    counted = np.isfinite(actual) & np.isfinite(median) & (actual != 0)
    right = np.sign(actual[counted]) == np.sign(median[counted])
    return float(right.mean()) if len(right) else float("nan")


def scaled_error(
    actual: np.ndarray, median: np.ndarray, naive_error: np.ndarray | float
) -> np.ndarray:
    """Absolute error of the median over the naive error; NaN where that is zero or unknown.

    `naive_error` is the mean absolute h-session return of the history before the origin, which is
    the error of "no change" there: `core.evaluation.metrics.naive_errors.naive_errors`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(actual - median) / naive_error
    return np.where(np.isfinite(ratio), ratio, np.nan)
