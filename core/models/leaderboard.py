"""How good each of several forecasters is, on the same forecasts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.errors import NotEnoughHistoryError
from core.models import metrics
from core.models.field import Field
from core.models.scoring import INTERVALS
from core.models.skill import Band, saved

# The two every claim of skill has to beat, and how their columns begin.
BASELINES = {"random_walk": "skill", "constant_width": "constant"}
FACTS = ("horizons", "n", "tickers", "dates", "window", "sample")
COLUMNS = (
    "forecaster",
    *FACTS,
    *("pinball", "crps", "mase", "hit_rate"),
    *(f"coverage_{share}" for share in INTERVALS),
    *(f"width_{share}" for share in INTERVALS),
    *("skill", "skill_low", "skill_high", "constant", "constant_low", "constant_high"),
    "baselines",
)
_UNKNOWN = Band(float("nan"), float("nan"), float("nan"))


def leaderboard(
    runs: Mapping[str, pd.DataFrame], horizons: Sequence[int] | None = None
) -> pd.DataFrame:
    """One row a forecaster, least loss first; or one a horizon and forecaster.

    Parameters
    ----------
    runs : backtests by forecaster, from the same bars and origins; only what all of them scored
        counts. They are not changed.
    horizons : None takes all horizons together.

    Returns
    -------
    `COLUMNS`. n counts (ticker, as_of) pairs, dates their as_of, `window` is first and last of
    them, `sample` is "out" where everything was forecast after the last session learned from,
    else "in" or "unknown". Losses and widths are means in log return, coverages realised shares.
    `skill` is the share of pinball loss saved against `random_walk` and `constant` that against
    `constant_width`, with their 90 % bands; `baselines` says which of the two were there. What
    was not measured is NaN.

    Raises
    ------
    InvalidInputError : there is nothing to compare, the runs saw different bars, or a horizon was
        not scored.
    """
    rows = []
    for field in Field.of(runs).split(horizons):
        found = [_row(field, name) for name in field.scores]
        rows += sorted(found, key=lambda row: float(row["pinball"]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(field: Field, name: str) -> dict[str, float | str]:
    scores = field.scores[name]
    actual, median = scores["actual"].to_numpy(), scores["median"].to_numpy()
    row: dict[str, float | str] = {
        "forecaster": name,
        **field.facts,
        "pinball": float(scores["pinball"].mean()),
        "crps": _mean(scores, "crps"),
        "mase": _mean(scores, "scaled_error"),
        "hit_rate": metrics.hit_rate(actual, median),
        "baselines": ", ".join(rival for rival in BASELINES if rival in field.losses),
    }
    for share in INTERVALS:
        row[f"coverage_{share}"] = _mean(scores, f"inside_{share}")
        row[f"width_{share}"] = _mean(scores, f"width_{share}")
    for rival, column in BASELINES.items():
        band = _saved(field, name, rival)
        row |= {column: band.value, f"{column}_low": band.low, f"{column}_high": band.high}
    return row


def _mean(scores: pd.DataFrame, column: str) -> float:
    return float(scores[column].mean()) if column in scores else float("nan")


def _saved(field: Field, name: str, rival: str) -> Band:
    """Unknown without the rival; a value without its band where the dates are too few."""
    if rival not in field.losses:
        return _UNKNOWN
    loss, against = field.losses[name], field.losses[rival]
    frame = field.first[["as_of"]].assign(pinball=loss, baseline_pinball=against)
    try:
        return saved(frame)
    except NotEnoughHistoryError:
        total = against.sum()
        value = 1.0 - loss.sum() / total if total > 0 else np.nan
        return Band(float(value), float("nan"), float("nan"))
