"""How good each of several forecasters is, on the same forecasts."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import product

import numpy as np
import pandas as pd

from core.evaluation.metrics import point_and_interval
from core.evaluation.metrics.skill import Band, loss_reduction_at_horizons, relative_loss_reduction
from core.evaluation.reports.common_rows import CommonRows
from core.foundation.errors import NotEnoughHistoryError
from core.reference.schema import INTERVALS

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
    `constant_width`, with their 90 % bands, which for single horizons hold at all at once;
    `baselines` says which of the two were there. What was not measured is NaN.

    Raises
    ------
    InvalidInputError : there is nothing to compare, the runs saw different bars, or a horizon was
        not scored.
    """
    rows = []
    whole = CommonRows.of(runs)
    bands = {} if horizons is None else _bands(whole)
    for field in whole.split(horizons):
        found = [_row(field, name, bands) for name in field.scores]
        rows += sorted(found, key=lambda row: float(row["pinball"]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


Bands = dict[tuple[str, str], dict[int, Band]]


def _bands(whole: CommonRows) -> Bands:
    """By forecaster and baseline, the loss reduction at each horizon; empty where dates are few."""
    found: Bands = {}
    for name, baseline in product(whole.scores, BASELINES):
        if baseline in whole.losses:
            with suppress(NotEnoughHistoryError):
                found[name, baseline] = loss_reduction_at_horizons(_losses(whole, name, baseline))
    return found


def _row(field: CommonRows, name: str, bands: Bands) -> dict[str, float | str]:
    scores = field.scores[name]
    actual, median = scores["actual"].to_numpy(), scores["median"].to_numpy()
    row: dict[str, float | str] = {
        "forecaster": name,
        **field.facts,
        "pinball": float(scores["pinball"].mean()),
        "crps": _mean(scores, "crps"),
        "mase": _mean(scores, "scaled_error"),
        "hit_rate": point_and_interval.hit_rate(actual, median),
        "baselines": ", ".join(baseline for baseline in BASELINES if baseline in field.losses),
    }
    for share in INTERVALS:
        row[f"coverage_{share}"] = _mean(scores, f"inside_{share}")
        row[f"width_{share}"] = _mean(scores, f"width_{share}")
    for baseline, column in BASELINES.items():
        band = _loss_reduction(field, name, baseline, bands)
        row |= {column: band.value, f"{column}_low": band.low, f"{column}_high": band.high}
    return row


def _mean(scores: pd.DataFrame, column: str) -> float:
    return float(scores[column].mean()) if column in scores else float("nan")


def _loss_reduction(field: CommonRows, name: str, baseline: str, bands: Bands) -> Band:
    """Unknown without the baseline; a value without its band where the dates are too few."""
    if baseline not in field.losses:
        return _UNKNOWN
    if (name, baseline) in bands:
        return bands[name, baseline][int(field.horizons)]
    frame = _losses(field, name, baseline)
    try:
        return relative_loss_reduction(frame)
    except NotEnoughHistoryError:
        total = frame["baseline_pinball"].sum()
        value = 1.0 - frame["pinball"].sum() / total if total > 0 else np.nan
        return Band(float(value), float("nan"), float("nan"))


def _losses(field: CommonRows, name: str, baseline: str) -> pd.DataFrame:
    return field.first[["as_of", "horizon"]].assign(
        pinball=field.losses[name], baseline_pinball=field.losses[baseline]
    )
