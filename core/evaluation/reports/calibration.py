"""Whether distributions were as wide and as centred as the actuals: PIT histograms."""

from collections.abc import Mapping, Sequence

import pandas as pd

from core.evaluation.metrics.pit import BINS, histogram
from core.evaluation.reports.common_rows import CommonRows
from core.evaluation.reports.leaderboard import FACTS

COLUMNS = ("forecaster", *FACTS, "low", "high", "count", "share", "expected")


def calibration(
    runs: Mapping[str, pd.DataFrame], horizons: Sequence[int] | None = None, bins: int = BINS
) -> pd.DataFrame:
    """One row a forecaster and bin; or one a horizon, forecaster and bin.

    Parameters
    ----------
    runs, horizons : as for `core.evaluation.reports.leaderboard.leaderboard`.
    bins : equal parts of [0, 1].

    Returns
    -------
    `COLUMNS`: the facts of the leaderboard, then what `core.evaluation.metrics.pit.histogram`
    gives. Scores without a transform have counts of 0 and shares that are NaN.

    Raises
    ------
    InvalidInputError : as for `leaderboard`.
    """
    parts = []
    for field in CommonRows.of(runs).split(horizons):
        for name, scores in field.scores.items():
            values = scores["pit"] if "pit" in scores else pd.Series(dtype="float64")
            found = histogram(values.to_numpy(), bins).drop(columns="n")
            parts.append(found.assign(forecaster=name, **field.facts))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]
