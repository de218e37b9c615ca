"""Forecasts whose intervals are made wider or narrower by the scores of earlier live ones."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.forecasts.forecast import Forecast, price_grid
from core.models.distribution import Distribution
from core.models.recalibration import log_factors, widened


def recalibrated(made: Sequence[Forecast], past_scores: pd.DataFrame) -> list[Forecast]:
    """The same forecasts with the spread of their distributions scaled around the median.

    Parameters
    ----------
    made : of tickers that err together, from one session.
    past_scores : as `core.models.recalibration.recalibrate` takes them, known when they were made,
        with `n`, how many scores each row stands for. Without rows, or where the deviations are
        within chance at every horizon, nothing changes, to the bit.

    Returns
    -------
    New forecasts; the baseline, the drivers and the skill stay what they were, and
    `recalibrated` counts the scores of the horizons that were corrected.
    """
    factors = log_factors(past_scores)
    corrected = np.flatnonzero(factors) + 1
    if not len(corrected):
        return list(made)
    counted = int(past_scores["n"][past_scores["horizon"].isin(corrected)].sum())
    return [_widened(one, factors, counted) for one in made]


def _widened(made: Forecast, factors: np.ndarray, counted: int) -> Forecast:
    returns = np.log(price_grid(made.frame) / made.last_close)
    wider = widened(Distribution(returns, made.last_close), factors)
    prices = made.last_close * np.exp(wider.returns)
    return replace(made, frame=made.frame.assign(price=prices.ravel()), recalibrated=counted)
