"""Tables that a version's kept walk-forward scores give, real tickers alone."""

import pandas as pd

from core.evaluation.reports.calibration import calibration
from core.evaluation.reports.leaderboard import leaderboard
from core.reference.synthetic_ticker import real

STATED = (1, 5, 20)  # the horizons shown alone
_RIVALS = {"random_walk": "baseline_pinball", "constant_width": "constant_pinball"}
# What a baseline's rows share with the model's; of its own, only the loss was kept.
_SHARED = ["ticker", "as_of", "horizon", "target_session", "actual", "baseline", "until"]


def leaderboard_of(name: str, scores: pd.DataFrame) -> pd.DataFrame:
    """The forecaster among its baselines, over all horizons and at `STATED`.

    Parameters
    ----------
    name : of the forecaster.
    scores : as kept by `core.registry.registry.ModelRegistry.register`.

    Returns
    -------
    As `core.evaluation.reports.leaderboard.leaderboard` gives it, least loss first within each
    `horizons`. Of a baseline the loss and the skill are known; all else is NaN.
    """
    scores = real(scores)
    runs = {name: scores}
    for baseline, column in _RIVALS.items():
        known = scores[scores[column].notna()] if column in scores else scores.iloc[:0]
        if baseline != name and len(known):
            shared = known[[column for column in _SHARED if column in known]]
            runs[baseline] = shared.assign(
                pinball=known[column],
                baseline_pinball=known["baseline_pinball"],
                median=float("nan"),
            )
    return pd.concat([leaderboard(runs), leaderboard(runs, STATED)], ignore_index=True)


def calibration_of(name: str, scores: pd.DataFrame) -> pd.DataFrame:
    """PIT histograms at `STATED`, as `calibration` gives them."""
    return calibration({name: real(scores)}, STATED)
