"""Tables that a version's kept walk-forward scores give, real tickers alone."""

from collections.abc import Mapping

import pandas as pd

from core.evaluation.reports.calibration import calibration
from core.evaluation.reports.leaderboard import leaderboard
from core.evaluation.reports.pairwise import pairwise
from core.reference.synthetic_ticker import real

SHOWN_HORIZONS = (1, 5, 20)  # the horizons shown alone
_BASELINES = {"random_walk": "baseline_pinball", "constant_width": "constant_pinball"}
# What a baseline's rows share with the model's; of its own, only the loss was kept.
_SHARED = ["ticker", "as_of", "horizon", "target_session", "actual", "baseline", "until"]


def leaderboard_of(name: str, scores: pd.DataFrame) -> pd.DataFrame:
    """The forecaster among its baselines, over all horizons and at `SHOWN_HORIZONS`.

    Parameters
    ----------
    name : of the forecaster.
    scores : as kept by `core.registry.registry.ModelRegistry.register`.

    Returns
    -------
    As `core.evaluation.reports.leaderboard.leaderboard` gives it, least loss first within each
    `horizons`. Of a baseline the loss and the skill are known; all else is NaN.
    """
    runs = _beside_baselines(name, scores)
    return pd.concat([leaderboard(runs), leaderboard(runs, SHOWN_HORIZONS)], ignore_index=True)


def pairwise_of(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Each forecaster against every later one and the baselines, over all horizons and at `STATED`.

    Parameters
    ----------
    scores : by the name of each forecaster, as kept by
        `core.registry.registry.ModelRegistry.register`. Only what all of them scored counts.

    Returns
    -------
    As `core.evaluation.reports.pairwise.pairwise` gives it, each pair once.

    Raises
    ------
    InvalidInputError : they share no row, or they saw different actuals.
    """
    first = next(iter(scores))
    runs = {name: real(one) for name, one in scores.items()}
    runs |= _beside_baselines(first, scores[first])
    found = pd.concat([pairwise(runs), pairwise(runs, SHOWN_HORIZONS)], ignore_index=True)
    place = {name: number for number, name in enumerate(runs)}
    later = found["baseline"].map(place).fillna(len(place)) > found["forecaster"].map(place)
    return found[later & found["forecaster"].isin(list(scores))].reset_index(drop=True)


def calibration_of(name: str, scores: pd.DataFrame) -> pd.DataFrame:
    """PIT histograms at `STATED`, as `calibration` gives them."""
    return calibration({name: real(scores)}, SHOWN_HORIZONS)


def _beside_baselines(name: str, scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The scores of a forecaster, and those of its baselines on the same rows."""
    scores = real(scores)
    runs = {name: scores}
    for baseline, column in _BASELINES.items():
        known = scores[scores[column].notna()] if column in scores else scores.iloc[:0]
        if baseline != name and len(known):
            shared = known[[column for column in _SHARED if column in known]]
            runs[baseline] = shared.assign(
                pinball=known[column],
                baseline_pinball=known["baseline_pinball"],
                median=float("nan"),
            )
    return runs
