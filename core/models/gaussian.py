"""Forecasters with a normal distribution, by mean and deviation of past one-session returns."""

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from core.features.kernels import MIN_VARIANCE
from core.features.panel import Panel
from core.models.base import Forecaster, Location
from core.models.return_moments import recent_moments, weighted_variance
from core.reference.schema import HORIZONS, LEVELS

_MIN_DEVIATION = float(np.sqrt(MIN_VARIANCE))


class Normal(Forecaster):
    """Independent normal returns: their mean grows with h, their deviation with its root.

    Nothing is learned but from the ticker's own past. A price that never moved is given a
    deviation of one basis point a session: nothing is ever said to be certain.
    """

    def params(self) -> dict[str, float | int | str]:
        """Nothing can be set."""
        return {}

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        """Nothing is learned: the window moves with the origin."""
        return self

    @abstractmethod
    def moments(self, panel: Panel, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation of one session's log return at each of these rows, (rows,) each."""

    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        """Quantiles as `Forecaster.quantiles` states."""
        from scipy.special import ndtri

        mean, deviation = self.moments(panel, rows)
        horizons = np.array(HORIZONS)
        centre = mean[:, None] * horizons
        reach = np.maximum(deviation, _MIN_DEVIATION)[:, None] * np.sqrt(horizons)
        found: np.ndarray = centre[:, :, None] + reach[:, :, None] * ndtri(np.array(LEVELS))
        found[panel.age[rows] < self.min_observations] = np.nan
        return found


class Drift(Normal):
    """Random walk with drift: mean and deviation of the last 500 one-session log returns.

    A younger ticker uses what it has.
    """

    name: ClassVar[str] = "drift"
    location: ClassVar[Location] = Location.OWN_PAST
    min_observations: ClassVar[int] = 21
    window: ClassVar[int] = 500

    def moments(self, panel: Panel, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `Normal.moments` states."""
        return recent_moments(panel.log_close, rows, panel.age[rows], self.window)


class RandomWalkGauss(Drift):
    """`drift` without its drift: the same width around the last close.

    The mean is zero because that of 500 sessions is mostly noise; the deviation is still taken
    around the mean that was, so that the two differ in nothing but the centre.
    """

    name: ClassVar[str] = "random_walk_gauss"
    location: ClassVar[Location] = Location.CLOSE

    def moments(self, panel: Panel, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `Normal.moments` states."""
        _, deviation = super().moments(panel, rows)
        return np.zeros(len(rows)), deviation


class Ewma(Normal):
    """Exponentially weighted variance of close-to-close returns, around zero.

    Notes
    -----
    J.P. Morgan and Reuters (1996), RiskMetrics Technical Document: decay 0.94 for daily returns,
    of which 74 hold 99 % of the weight. Weights of a short past are scaled up to one.
    """

    name: ClassVar[str] = "ewma"
    location: ClassVar[Location] = Location.CLOSE
    min_observations: ClassVar[int] = 75
    decay: ClassVar[float] = 0.94

    def moments(self, panel: Panel, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `Normal.moments` states."""
        variance = weighted_variance(panel.first, panel.log_close, self.decay)
        return np.zeros(len(rows)), np.sqrt(variance[rows])
