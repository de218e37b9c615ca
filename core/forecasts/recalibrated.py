"""Forecasts whose intervals are made wider or narrower by the scores of earlier live ones."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.forecasts.forecast import Forecast, price_grid
from core.models.distribution import Distribution
from core.models.recalibration import log_factors, widened
from core.reference.schema import HORIZONS


@dataclass(frozen=True)
class Correction:
    """By how much bands are widened, in log by horizon, and by how many scores."""

    factors: np.ndarray
    counted: int

    @classmethod
    def none(cls) -> "Correction":
        """That of no scores."""
        return cls(np.zeros(len(HORIZONS)), 0)

    @classmethod
    def of(cls, past_scores: pd.DataFrame) -> "Correction":
        """What past scores ask for.

        Parameters
        ----------
        past_scores : as `core.models.recalibration.recalibrate` takes them, known when the
            forecasts were made, with `n`, how many scores each row stands for.
        """
        factors = log_factors(past_scores)
        corrected = np.flatnonzero(factors) + 1
        counted = past_scores["n"][past_scores["horizon"].isin(corrected)].sum()
        return cls(factors, int(counted))


def recalibrated(made: Forecast, correction: Correction) -> Forecast:
    """The same forecast with the spread of its distributions scaled around the median.

    Parameters
    ----------
    correction : of tickers that err together. Of no scores, or where their deviations are within
        chance at every horizon, nothing changes, to the bit.

    Returns
    -------
    A new forecast; the baseline, the drivers and the skill stay what they were, and
    `recalibrated` counts the scores of the horizons that were corrected.
    """
    if not correction.factors.any():
        return made
    returns = np.log(price_grid(made.frame) / made.last_close)
    wider = widened(Distribution(returns, made.last_close), correction.factors)
    prices = made.last_close * np.exp(wider.returns)
    frame = made.frame.assign(price=prices.ravel())
    return replace(made, frame=frame, recalibrated=correction.counted)
