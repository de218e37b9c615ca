"""How far a recent window lies from the past, and how far windows of that size lie by chance.

Sessions next to each other resemble each other, so a test that takes rows for independent calls
nearly every window drifted. Here the past itself says what is usual: it is cut into windows as long
as the recent one, and their distances are the yardstick. A window is as far away as the nearer of
two: the whole past, and the newest window of it. What a model learned last is nothing new to it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

CHANCE = 0.95  # share of past windows that lie within a threshold
MIN_WINDOWS = 8  # fewer cannot say what is usual
_MIN_SPREAD = 0.001  # as Evidently floors it, so that both give the same distance


@dataclass(frozen=True)
class ReferenceThresholds:
    """What past windows say of chance.

    Parameters
    ----------
    thresholds : by column, the distance that `CHANCE` of the past windows stay within.
    allowed_exceedances : how many columns beyond their threshold `CHANCE` of the past windows stay
        within.
    windows : how many there were.
    """

    thresholds: dict[str, float]
    allowed_exceedances: int
    windows: int


def distance(reference: np.ndarray, current: np.ndarray) -> float:
    """Wasserstein distance of two samples in standard deviations of the first; NaN are left out."""
    return _distance(_Values.of(reference), _Values.of(current))


@dataclass(frozen=True)
class _Values:
    """The known values of a sample, rising, and their standard deviation."""

    rising: np.ndarray
    spread: float

    @classmethod
    def of(cls, values: np.ndarray) -> "_Values":
        known = values[np.isfinite(values)]
        return cls(np.sort(known), max(float(np.std(known)), _MIN_SPREAD))


def _distance(reference: _Values, current: _Values) -> float:
    # Imported here: it costs more than a second, which every other command would pay too.
    from scipy.stats import wasserstein_distance

    # It sorts both, which takes a tenth of the time where they are in order.
    return float(wasserstein_distance(reference.rising, current.rising)) / reference.spread


def reference_thresholds(
    reference: pd.DataFrame, columns: list[str], sessions: int
) -> ReferenceThresholds | None:
    """Measure every past window but the first against the nearer of whole past and window before.

    Parameters
    ----------
    reference : one row a (ticker, session) with a `session` column and the float64 `columns`.
    sessions : length of a window. Windows do not overlap; the newest ends with the reference.

    Returns
    -------
    None where there are fewer than `MIN_WINDOWS`.
    """
    dates = np.unique(reference["session"].to_numpy())
    count = len(dates) // sessions
    if count < MIN_WINDOWS:
        return None
    bounds = dates[len(dates) - count * sessions :: sessions]
    number = np.searchsorted(bounds, reference["session"].to_numpy(), side="right") - 1
    found = np.empty((count - 1, len(columns)))
    for column, name in enumerate(columns):
        values = reference[name].to_numpy()
        past = _Values.of(values)
        windows = [_Values.of(values[number == window]) for window in range(count)]
        for place, (before, window) in enumerate(pairwise(windows)):
            found[place, column] = min(_distance(past, window), _distance(before, window))
    thresholds = np.quantile(found, CHANCE, axis=0)
    beyond = (found > thresholds).sum(axis=1)
    return ReferenceThresholds(
        thresholds=dict(zip(columns, thresholds.tolist(), strict=True)),
        allowed_exceedances=int(np.ceil(np.quantile(beyond, CHANCE))),
        windows=count,
    )


@dataclass(frozen=True)
class MeanShift:
    """The mean of a recent block beside those of past blocks, and the bound chance keeps below."""

    value: float
    expected: float
    bound: float
    blocks: int


def mean_shift(past: np.ndarray, current: float) -> MeanShift | None:
    """Whether a mean has grown: past block means (blocks,) say what is usual.

    The bound is the one-sided prediction limit of Student's law for one more block.

    Returns
    -------
    None where there are fewer than `MIN_WINDOWS` blocks.
    """
    from scipy.special import stdtrit

    if len(past) < MIN_WINDOWS:
        return None
    expected, spread = float(past.mean()), float(past.std(ddof=1))
    reach = stdtrit(len(past) - 1, CHANCE) * spread * np.sqrt(1.0 + 1.0 / len(past))
    return MeanShift(current, expected, expected + float(reach), len(past))
