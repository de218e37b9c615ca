"""Forecasts replayed from the past, scored against what came and against a baseline."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.errors import NotEnoughHistoryError
from core.features.panel import Panel
from core.models import create, metrics
from core.models.forecaster import Forecaster, Origins
from core.models.skill import Skill, skill
from core.models.splits import last_origins, walk_forward
from core.schema import HORIZONS, LEVELS

__all__ = ["Skill", "backtest", "skill"]

Progress = Callable[[int, int], None]
_MEDIAN = LEVELS.index(0.50)
_INTERVALS = {50: (0.25, 0.75), 80: (0.10, 0.90), 90: (0.05, 0.95)}


def backtest(
    name: str,
    bars: pd.DataFrame,
    origins: Origins = None,
    refit_every: int = 60,
    baseline: str = "random_walk",
    progress: Progress | None = None,
    **params: float | int | str,
) -> pd.DataFrame:
    """Walk forward over past origins and score every forecast whose actual is known.

    Parameters
    ----------
    name, params : the forecaster, as `create` takes them.
    bars : the `bars` contract, raw or adjusted, in any row order; it is not changed.
    origins : sessions to forecast from; None means every 4th of the last 500 that are followed
        by the longest horizon.
    refit_every : sessions between refits. Each refit learns only from targets that were known
        an embargo of the longest horizon before its first origin.
    baseline : the forecaster to beat.
    progress : called with (done, total) after every refit and its forecasts.

    Returns
    -------
    One row per (ticker, as_of, horizon), sorted so: `target_session` (the session that came),
    `actual` and `median` (log total returns), `pinball` and `baseline_pinball` (mean over
    `LEVELS`, in log return), `inside_50`, `inside_80`, `inside_90` (1.0 or 0.0), `width_80`
    (log return), `model`, `baseline`. Origins where either forecaster lacks history are left out.

    Raises
    ------
    InvalidInputError : a name, an origin or the bars are not usable.
    NotEnoughHistoryError : there is no origin that both can forecast from.
    """
    panel = Panel.of(bars)
    sessions = pd.DatetimeIndex(np.unique(panel.session))
    chosen = last_origins(sessions) if origins is None else pd.DatetimeIndex(list(origins))
    folds = walk_forward(sessions, chosen, refit_every)
    model, rival = create(name, **params), create(baseline)
    parts = []
    for done, fold in enumerate(folds, start=1):
        rows = panel.rows_at(fold.origins)
        try:
            fitted = model.fit_panel(panel, fold.until), rival.fit_panel(panel, fold.until)
        except NotEnoughHistoryError:
            # The first folds of a young panel; later ones may do.
            fitted = None
        if fitted is not None:
            parts.append(scored(panel, rows, *fitted))
        if progress is not None:
            progress(done, len(folds))
    scores = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if scores.empty:
        raise NotEnoughHistoryError(
            f"A backtest of {name} needs at least {model.min_observations} sessions before an "
            "origin, and a refit before that.",
            "bars",
        )
    return scores.sort_values(["ticker", "as_of", "horizon"], kind="stable", ignore_index=True)


def scored(panel: Panel, rows: np.ndarray, model: Forecaster, rival: Forecaster) -> pd.DataFrame:
    """Score two fitted forecasters from these rows of a panel, in the columns of `backtest`.

    Horizons whose actual is not known yet, and origins where either lacks history, are left out.
    """
    quantiles, against = model.returns(panel, rows), rival.returns(panel, rows)
    actual = panel.actual(rows, HORIZONS)
    known = np.isfinite(actual) & np.isfinite(quantiles).all(-1) & np.isfinite(against).all(-1)
    row, column = np.nonzero(known)
    outcome, stated = actual[known], quantiles[known]
    names = pd.Series(panel.tickers, dtype="str").take(panel.code[rows[row]])
    scores = {
        "ticker": names.reset_index(drop=True),
        "as_of": panel.session[rows[row]],
        "horizon": column + 1,
        "target_session": panel.session[rows[row] + column + 1],
        "actual": outcome,
        "median": stated[:, _MEDIAN],
        "pinball": metrics.pinball(outcome, stated, LEVELS).mean(axis=-1),
        "baseline_pinball": metrics.pinball(outcome, against[known], LEVELS).mean(axis=-1),
    }
    for share, (lower, upper) in _INTERVALS.items():
        bounds = stated[:, LEVELS.index(lower)], stated[:, LEVELS.index(upper)]
        scores[f"inside_{share}"] = metrics.inside(outcome, *bounds)
        if share == 80:
            scores["width_80"] = metrics.width(*bounds)
    frame = pd.DataFrame(scores)
    frame["model"] = pd.Series(model.name, index=frame.index, dtype="str")
    frame["baseline"] = pd.Series(rival.name, index=frame.index, dtype="str")
    return frame
