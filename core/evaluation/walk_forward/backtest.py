"""Forecasts replayed from the past, scored against the actuals and against a baseline."""

from collections.abc import Mapping

import pandas as pd

from core.evaluation.metrics.skill import Skill, skill
from core.evaluation.walk_forward.run import FoldCache, Progress, WalkSettings, walk
from core.evaluation.walk_forward.score_quantiles import scored
from core.foundation.errors import NotEnoughHistoryError
from core.models import create
from core.models.base import Forecaster, Origins

__all__ = ["Skill", "backtests", "scored", "skill"]

BASELINE = "random_walk"


def backtests(
    entrants: Mapping[str, Forecaster],
    bars: pd.DataFrame,
    origins: Origins = None,
    settings: WalkSettings = WalkSettings(),
    baseline: str = BASELINE,
    progress: Progress | None = None,
    fold_cache: FoldCache | None = None,
) -> dict[str, pd.DataFrame]:
    """Walk forward over past origins and score every forecast whose actual is known.

    The folds, the panel, the actuals and the baseline are the same for all forecasters.

    Parameters
    ----------
    entrants : forecasters as `create` gives them, by the name that their scores get.
    bars : the `bars` contract, raw or adjusted, in any row order; it is not changed.
    origins : sessions to forecast from; None means every 4th of the last 500 that are followed
        by the longest horizon.
    settings : how often they are refitted, and whether they are recalibrated.
    baseline : the forecaster to beat.
    progress : called with (done, total) after every refit and its forecasts.
    fold_cache : where finished folds are stored and found again, see
        `core.evaluation.walk_forward.run.walk`.

    Returns
    -------
    The scores of each that could forecast from any origin, in the order given: one row per
    (ticker, as_of, horizon), sorted so, with `target_session` (the session that came), `actual`
    and `median` (log total returns), `pinball` and `baseline_pinball` (mean over `LEVELS`, in log
    return), `crps` (in log return), `pit` (in [0, 1]), `scaled_error` (its mean is MASE; NaN where
    the price never moved), `inside_50`, `inside_80`, `inside_90` (1.0 or 0.0), `width_50`,
    `width_80`, `width_90` (log return), `model`, `baseline`, `until` (the last session learned
    from). Origins where either forecaster lacks history are left out. `attrs["provenance"]` says
    what it was computed from, see `core.evaluation.walk_forward.provenance`.

    Raises
    ------
    InvalidInputError : a name, an origin or the bars are not usable.
    NotEnoughHistoryError : no entrant can forecast from any origin that the baseline can.
    """
    against = create(baseline)
    scores = walk(entrants, against, bars, origins, settings, progress, fold_cache)
    if not scores and entrants:
        name, model = next(iter(entrants.items()))
        raise NotEnoughHistoryError(
            "backtest.too-few-sessions",
            "A backtest of {name} needs at least {least} sessions before an origin, and a "
            "refit before that.",
            {"name": name, "least": model.min_observations},
            parameter="bars",
        )
    return scores
