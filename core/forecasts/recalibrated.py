"""A forecast whose intervals are made wider or narrower by the scores of earlier live ones."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.forecasts.forecast import Forecast
from core.models.recalibration import log_factors, recalibrate


def recalibrated(made: Forecast, past_scores: pd.DataFrame) -> Forecast:
    """The same forecast with the spread of its distributions scaled around the median.

    Parameters
    ----------
    past_scores : as `core.models.recalibration.recalibrate` takes them, known when it was made,
        with `n`, how many scores each row stands for. Without rows, or where the deviations are
        within chance at every horizon, nothing changes, to the bit.

    Returns
    -------
    A new forecast; the baseline, the drivers and the skill stay what they were, and
    `recalibrated` counts the scores of the horizons that were corrected.
    """
    horizons = np.sort(made.frame["horizon"].unique())
    corrected_ones = horizons[log_factors(past_scores)[horizons - 1] != 0.0]
    if not len(corrected_ones):
        return made
    counted = past_scores["n"][past_scores["horizon"].isin(corrected_ones)]
    distribution = recalibrate(made.distribution(), past_scores)
    prices = pd.DataFrame(
        made.last_close * np.exp(distribution.returns),
        index=horizons,
        columns=list(distribution.levels),
    ).stack()
    rows = pd.MultiIndex.from_frame(made.frame[["horizon", "quantile"]])
    frame = made.frame.assign(price=prices.reindex(rows).to_numpy())
    return replace(made, frame=frame, recalibrated=int(counted.sum()))
