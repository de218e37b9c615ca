"""A forecast whose bands are made wider or narrower by how the live ones before it fared."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.forecasts.make import Forecast
from core.models.recalibrate import recalibrate


def corrected(made: Forecast, past_scores: pd.DataFrame) -> Forecast:
    """The same forecast with the spread of its law scaled around its median.

    Parameters
    ----------
    past_scores : as `core.models.recalibrate.recalibrate` takes them, known when it was made,
        with `n`, how many scores each row stands for. Without rows nothing changes, to the bit.

    Returns
    -------
    A new forecast; the baseline, the drivers and the skill stay what they were, and
    `recalibrated` counts the scores.
    """
    if past_scores.empty:
        return made
    law = recalibrate(made.distribution(), past_scores)
    prices = pd.DataFrame(
        made.last_close * np.exp(law.returns),
        index=np.sort(made.frame["horizon"].unique()),
        columns=list(law.levels),
    ).stack()
    rows = pd.MultiIndex.from_frame(made.frame[["horizon", "quantile"]])
    frame = made.frame.assign(price=prices.reindex(rows).to_numpy())
    return replace(made, frame=frame, recalibrated=int(past_scores["n"].sum()))
