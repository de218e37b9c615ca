"""A trained forecaster on few sessions of a ticker, averaged with one that needs no training."""

from typing import ClassVar, Self

import numpy as np
import pandas as pd

from core.features.panel import FEWEST, Panel
from core.models.base import Forecaster
from core.models.distribution import Distribution


class Averaged(Forecaster):
    """The mean of two forecasts' quantiles, the second moved to where the first lies.

    Each errs in its own way on few sessions: the trained one has seen many other tickers, the
    fallback nothing but this one. That they lie at one place keeps the mean from being wider than
    both where they only disagree about direction.

    Parameters
    ----------
    trained : fitted; one whose `young_quantiles` are known, at whose mean the result lies.
    fallback : a forecaster that needs no training.

    Notes
    -----
    Quantile averaging, as in Lichtendahl, Grushka-Cockayne and Winkler (2013), Is it better to
    average probabilities or quantiles?
    """

    min_observations: ClassVar[int] = FEWEST

    def __init__(self, trained: Forecaster, fallback: Forecaster) -> None:
        self._trained, self._fallback = trained, fallback
        self.name = f"mean of {trained.name} and {fallback.name}"  # type: ignore[misc]
        self.location = trained.location  # type: ignore[misc]

    def params(self) -> dict[str, float | int | str]:
        """Nothing can be set: it is never stored."""
        return {}

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        """Nothing is learned beyond what the trained one has."""
        return self

    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        """Quantiles as `Forecaster.quantiles` states; NaN where the trained one knows none."""
        first = self._trained.young_quantiles(panel, rows)
        second = self._fallback.quantiles(panel, rows)
        if first is None:
            return np.full_like(second, np.nan)
        moved = Distribution(first).mean() - Distribution(second).mean()
        mean: np.ndarray = (first + second + moved[..., None]) / 2.0
        return mean
