"""Forecasters that know nothing but the recent past: what every other one is measured against."""

from typing import ClassVar, Self

import numpy as np
import pandas as pd

from core.features.panel import Panel
from core.models.base import Forecaster, Location
from core.reference.schema import HORIZONS, LEVELS, MAX_HORIZON

_ROWS_AT_ONCE = 4096


class RandomWalk(Forecaster):
    """Empirical quantiles of the overlapping h-session log returns of the last 500 sessions.

    The definition is frozen: skill is stated against it. A younger ticker uses what it has.
    """

    name: ClassVar[str] = "random_walk"
    location: ClassVar[Location] = Location.OWN_PAST
    min_observations: ClassVar[int] = 131
    window: ClassVar[int] = 500

    def params(self) -> dict[str, float | int | str]:
        """Nothing can be set."""
        return {}

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        """Nothing is learned: the window moves with the origin."""
        return self

    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        """Quantiles as `Forecaster.quantiles` states."""
        found = np.full((len(rows), len(HORIZONS), len(LEVELS)), np.nan)
        # Rows with the same amount of past are one rectangle of closes.
        past = np.minimum(panel.age[rows], self.window + 1)
        for closes in np.unique(past[past >= self.min_observations]):
            alike = np.flatnonzero(past == closes)
            for start in range(0, len(alike), _ROWS_AT_ONCE):
                part = alike[start : start + _ROWS_AT_ONCE]
                found[part] = _empirical(panel.log_close, rows[part], int(closes))
        return found


def _empirical(log_close: np.ndarray, rows: np.ndarray, closes: int) -> np.ndarray:
    window = log_close[rows[:, None] + np.arange(1 - closes, 1)[None, :]]
    found = np.empty((len(rows), MAX_HORIZON, len(LEVELS)))
    for horizon in HORIZONS:
        ordered = np.sort(window[:, horizon:] - window[:, :-horizon], axis=1)
        found[:, horizon - 1] = quantiles_of_sorted(ordered)
    return found


def quantiles_of_sorted(ordered: np.ndarray, levels: np.ndarray = np.array(LEVELS)) -> np.ndarray:
    """Quantiles of rows sorted along the last axis, (..., n) -> (..., levels).

    `levels` are the same for all rows, (levels,), or each row's own, (..., levels). Linear
    between order statistics, as `numpy.quantile` does; NaN if there are none.
    """
    count = ordered.shape[-1]
    at = np.broadcast_to(levels, (*ordered.shape[:-1], levels.shape[-1])) * (count - 1)
    if not count:
        return np.full(at.shape, np.nan)
    left = np.floor(at).astype(np.int64)
    low = np.take_along_axis(ordered, left, axis=-1)
    high = np.take_along_axis(ordered, np.minimum(left + 1, count - 1), axis=-1)
    blended: np.ndarray = low + (at - left) * (high - low)
    return blended
