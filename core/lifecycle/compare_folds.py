"""Walk several forecasters forward over the stored bars, and say which is ahead."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core import evaluation, features, models
from core.evaluation.reports.leaderboard import leaderboard
from core.evaluation.reports.pairwise import pairwise
from core.evaluation.reports.stored_tables import SHOWN_HORIZONS
from core.evaluation.walk_forward.backtest import backtests
from core.evaluation.walk_forward.run import WalkSettings
from core.foundation.progress import Progress, silent
from core.lifecycle.fold_cache import FileFoldCache
from core.models import create
from core.models.base import Origins


@dataclass(frozen=True)
class Comparison:
    """Backtests of several forecasters and what they show.

    Parameters
    ----------
    scores : by forecaster, as `core.evaluation.walk_forward.backtest.backtests` gives them.
    overall, by_horizon : see `core.evaluation.reports.leaderboard.leaderboard`.
    pairs : every two of them, see `core.evaluation.reports.pairwise.pairwise`.
    """

    scores: dict[str, pd.DataFrame]
    overall: pd.DataFrame
    by_horizon: pd.DataFrame
    pairs: pd.DataFrame


def compare_folds(
    names: Sequence[str],
    bars: pd.DataFrame,
    folder: Path,
    origins: Origins = None,
    refit_every: int = 60,
    progress: Progress = silent,
) -> Comparison:
    """Compare forecasters, going on where an interrupted run of the same stopped.

    Parameters
    ----------
    names : of forecasters, with their usual parameters.
    bars, origins : as for `core.evaluation.walk_forward.backtest.backtests`.
    refit_every : sessions between refits.
    folder : where finished folds wait; it is cleared once all of them are done. Folds of another
        version of the forecasters' code are not used.

    Raises
    ------
    InvalidInputError : a name, an origin or the bars are not usable.
    NotEnoughHistoryError : nobody can forecast from any origin.
    StorageError : the disk refused.
    """

    def report_progress(done: int, total: int) -> None:
        progress("Walk-forward", done, total)

    fold_cache = FileFoldCache(folder / code_hash()[:12])
    entrants = {name: create(name) for name in names}
    scores = backtests(
        entrants,
        bars,
        origins,
        WalkSettings(refit_every),
        progress=report_progress,
        fold_cache=fold_cache,
    )
    found = Comparison(
        scores, leaderboard(scores), leaderboard(scores, SHOWN_HORIZONS), pairwise(scores)
    )
    fold_cache.clear()
    return found


def code_hash() -> str:
    """sha256 of the source that turns bars into scores."""
    found = hashlib.sha256()
    for package in (features, models, evaluation):
        folder = Path(package.__path__[0])
        for path in sorted(folder.rglob("*.py")):
            found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
