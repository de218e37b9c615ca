"""How far a recent window lies from the past, and how far windows of that size lie by chance.

Sessions next to each other resemble each other, so a test that takes rows for independent calls
nearly every window drifted. Here the past itself says what is usual: it is cut into windows as long
as the recent one, and their distances are the yardstick.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

USUAL = 0.95  # share of past windows that lie within a threshold
LEAST_WINDOWS = 8  # fewer cannot say what is usual
_LEAST_SPREAD = 0.001  # as Evidently floors it, so that both give the same distance


@dataclass(frozen=True)
class Yardstick:
    """What past windows say of chance.

    Parameters
    ----------
    thresholds : by column, the distance that `USUAL` of the past windows stay within.
    budget : how many columns beyond their threshold `USUAL` of the past windows stay within.
    windows : how many there were.
    """

    thresholds: dict[str, float]
    budget: int
    windows: int


def distance(reference: np.ndarray, current: np.ndarray) -> float:
    """Wasserstein distance of two samples in standard deviations of the first; NaN are left out."""
    # Imported here: it costs more than a second, which every other command would pay too.
    from scipy.stats import wasserstein_distance

    known, new = reference[np.isfinite(reference)], current[np.isfinite(current)]
    spread = max(float(np.std(known)), _LEAST_SPREAD)
    return float(wasserstein_distance(known, new)) / spread


def yardstick(reference: pd.DataFrame, columns: list[str], sessions: int) -> Yardstick | None:
    """Measure every past window of `sessions` sessions against the whole reference.

    Parameters
    ----------
    reference : one row a (ticker, session) with a `session` column and the float64 `columns`.
    sessions : length of a window. Windows do not overlap; the newest ends with the reference.

    Returns
    -------
    None where there are fewer than `LEAST_WINDOWS`.
    """
    dates = np.unique(reference["session"].to_numpy())
    count = len(dates) // sessions
    if count < LEAST_WINDOWS:
        return None
    bounds = dates[len(dates) - count * sessions :: sessions]
    number = np.searchsorted(bounds, reference["session"].to_numpy(), side="right") - 1
    found = np.array(
        [
            [
                distance(reference[name].to_numpy(), reference[name].to_numpy()[number == window])
                for name in columns
            ]
            for window in range(count)
        ]
    )
    thresholds = np.quantile(found, USUAL, axis=0)
    beyond = (found > thresholds).sum(axis=1)
    return Yardstick(
        thresholds=dict(zip(columns, thresholds.tolist(), strict=True)),
        budget=int(np.ceil(np.quantile(beyond, USUAL))),
        windows=count,
    )


@dataclass(frozen=True)
class Shift:
    """The mean of a recent block beside those of past blocks, and the bound chance keeps below."""

    value: float
    usual: float
    bound: float
    blocks: int


def shift(past: np.ndarray, current: float) -> Shift | None:
    """Whether a mean has grown: past block means (blocks,) say what is usual.

    The bound is the one-sided prediction limit of Student's law for one more block.

    Returns
    -------
    None where there are fewer than `LEAST_WINDOWS` blocks.
    """
    if len(past) < LEAST_WINDOWS:
        return None
    usual, spread = float(past.mean()), float(past.std(ddof=1))
    reach = stdtrit(len(past) - 1, USUAL) * spread * np.sqrt(1.0 + 1.0 / len(past))
    return Shift(current, usual, usual + float(reach), len(past))
