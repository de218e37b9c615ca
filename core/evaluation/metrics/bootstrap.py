"""Bands of the relative loss reduction, from a circular block bootstrap over dates.

One draw takes blocks of successive dates, so that forecasts that share their targets stay
together, and all tickers and horizons of a date stay together too. The draws are seeded.

The band of one number is the percentile band of its draws. The bands of several numbers that a
reader may choose among hold at once: with v the numbers, v* those of a draw and s the root mean
square of v* - v over the draws, each band is v - c s to v + c s, where c is the quantile over the
draws of the largest |v* - v| / s (the sup-t band: Montiel Olea and Plagborg-Moeller, Journal of
Applied Econometrics 34, 2019; the single step of Romano and Wolf, Econometrica 73, 2005).

Both are widened, for a bootstrap of few blocks is too sure: k blocks have k - 1 degrees of
freedom, so a normal quantile becomes Student's of the same probability, times sqrt(k / (k - 1)).
"""

from functools import lru_cache

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from core.reference.schema import MAX_HORIZON

SEED = 20240601
_RESAMPLES = 1000
_FARTHEST = 8.0  # normal quantile beyond which the probability is one to the last bit


def block_length(dates: pd.DatetimeIndex) -> int:
    """Dates that cover two longest horizons; five sessions are seven calendar days."""
    if len(dates) < 2:
        return 1
    days = np.diff(dates.to_numpy()) / np.timedelta64(1, "D")
    # The mean, which counts weekends; of a long gap, which no block is to bridge, only a part.
    step = float(np.minimum(days, 3.0 * np.median(days)).mean()) * 5.0 / 7.0
    return max(int(np.ceil(2 * MAX_HORIZON / step)), 1)


def relative_reduction(model: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """1 - model / baseline, element by element; 0.0 where the baseline loses nothing."""
    # A price that never moved: both are exactly right, and nobody has skill.
    return np.where(baseline > 0, 1.0 - model / np.maximum(baseline, 1e-300), 0.0)


def pointwise_band(
    model: np.ndarray, baseline: np.ndarray, block: int, tail: float
) -> tuple[float, float]:
    """Low and high of the loss reduction, from the losses (dates,) of a forecaster and a baseline.

    `tail` is the share of chance on either side, `block` how many dates are drawn together.
    """
    from scipy.special import ndtri

    value = float(relative_reduction(model.sum(), baseline.sum()))
    low, high = np.quantile(_redrawn(model, baseline, block), [tail, 1.0 - tail])
    normal = float(ndtri(1.0 - tail))
    wider = _student(normal, len(model) / block) / normal
    return value - wider * (value - float(low)), value + wider * (float(high) - value)


def simultaneous_bands(
    model: np.ndarray, baseline: np.ndarray, block: int, tail: float
) -> tuple[np.ndarray, np.ndarray]:
    """Lows and highs (numbers,) that hold at once, from losses (dates, numbers).

    With probability 1 - 2 `tail` every loss reduction lies in its band.
    """
    values = relative_reduction(model.sum(axis=0), baseline.sum(axis=0))
    away = np.abs(_redrawn(model, baseline, block) - values)
    spread = np.sqrt((away**2).mean(axis=0))
    studentised = away / np.where(spread > 0, spread, 1.0)
    factor = float(np.quantile(studentised.max(axis=1), 1.0 - 2.0 * tail))
    half = _student(factor, len(model) / block) * spread
    return values - half, values + half


def _redrawn(model: np.ndarray, baseline: np.ndarray, block: int) -> np.ndarray:
    """The loss reduction in each draw, from losses (dates,) or (dates, numbers)."""
    draws = _draws(len(model), block)
    # Threads that wait for each other cost more than matrices this small; and one adds up in order.
    with threadpool_limits(limits=1, user_api="blas"):
        return relative_reduction(draws @ model, draws @ baseline)


def _student(normal: float, blocks: float) -> float:
    """How far out a normal quantile lies once it is estimated from that many blocks."""
    from scipy.special import ndtr, stdtrit

    if normal <= 0.0:
        return 0.0  # nothing ever differed
    chance = ndtr(-min(normal, _FARTHEST))
    return float(-stdtrit(blocks - 1.0, chance) * np.sqrt(blocks / (blocks - 1.0)))


@lru_cache(maxsize=16)
def _draws(count: int, block: int) -> np.ndarray:
    """How often each date is drawn, (draws, dates): the same for all that share the dates."""
    source = np.random.default_rng(SEED)
    starts = source.integers(0, count, size=(_RESAMPLES, -(-count // block)))
    drawn = (starts[:, :, None] + np.arange(block)) % count
    flat = drawn.reshape(_RESAMPLES, -1)[:, :count] + count * np.arange(_RESAMPLES)[:, None]
    times = np.bincount(flat.ravel(), minlength=_RESAMPLES * count)
    return times.reshape(_RESAMPLES, count).astype("float64")
