"""Walk several forecasters forward over the stored bars, and say which is ahead."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core import features, models
from core.models import create
from core.models.backtest import backtests
from core.models.calibration import calibration
from core.models.duels import duels
from core.models.forecaster import Origins
from core.models.leaderboard import leaderboard
from core.registry.frames import STATED
from core.services.progress import Progress, silent
from core.storage.kept_scores import KeptScores


@dataclass(frozen=True)
class Proof:
    """Backtests of several forecasters and what they show.

    Parameters
    ----------
    scores : by forecaster, as `core.models.backtest.backtests` gives them.
    overall, by_horizon : see `core.models.leaderboard.leaderboard`.
    duels, duels_by_horizon : see `core.models.duels.duels`.
    calibration : PIT histograms by horizon, see `core.models.calibration.calibration`.
    """

    scores: dict[str, pd.DataFrame]
    overall: pd.DataFrame
    by_horizon: pd.DataFrame
    duels: pd.DataFrame
    duels_by_horizon: pd.DataFrame
    calibration: pd.DataFrame


def prove(
    names: Sequence[str],
    bars: pd.DataFrame,
    folder: Path,
    origins: Origins = None,
    refit_every: int = 60,
    progress: Progress = silent,
) -> Proof:
    """Compare forecasters, going on where an interrupted run of the same stopped.

    Parameters
    ----------
    names : of forecasters, with their usual parameters.
    bars, origins, refit_every : as for `core.models.backtest.backtests`.
    folder : where finished folds wait; it is cleared once all of them are done. Folds of another
        version of the forecasters' code are not used.

    Raises
    ------
    InvalidInputError : a name, an origin or the bars are not usable.
    NotEnoughHistoryError : nobody can forecast from any origin.
    StorageError : the disk refused.
    """

    def told(done: int, total: int) -> None:
        progress("Walk-forward", done, total)

    kept = KeptScores(folder / code_hash()[:12])
    entrants = {name: create(name) for name in names}
    scores = backtests(entrants, bars, origins, refit_every, progress=told, kept=kept)
    found = Proof(
        scores,
        leaderboard(scores),
        leaderboard(scores, STATED),
        duels(scores),
        duels(scores, STATED),
        calibration(scores, STATED),
    )
    kept.clear()
    return found


def code_hash() -> str:
    """sha256 of the source that turns bars into scores."""
    found = hashlib.sha256()
    for package in (features, models):
        for path in sorted(Path(package.__path__[0]).glob("*.py")):
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
