"""Every forecaster against every other: by how much it is ahead, how surely, and how often."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from core.evaluation.metrics.diebold_mariano import diebold_mariano
from core.evaluation.reports.common_rows import CommonRows
from core.evaluation.reports.leaderboard import FACTS

COLUMNS = (
    *("forecaster", "baseline", *FACTS, "loss_reduction"),
    *("difference", "difference_low", "difference_high"),
    *("statistic", "p", "lag", "ahead"),
)


def pairwise(
    runs: Mapping[str, pd.DataFrame], horizons: Sequence[int] | None = None
) -> pd.DataFrame:
    """One row a pair of forecaster and baseline; or one a horizon and pair.

    Parameters
    ----------
    runs, horizons : as for `core.evaluation.reports.leaderboard.leaderboard`. A baseline that is
        not among the runs is compared all the same.

    Returns
    -------
    `COLUMNS`: the facts of the leaderboard, then `loss_reduction` (the share of the baseline's
    pinball loss that the forecaster does without), `difference` (mean of the baseline's loss per
    date less that of the forecaster, in log return) with its 90 % band, `statistic` and two-sided
    `p` of Diebold and Mariano on these (above zero where the forecaster is ahead), `lag` (dates
    taken for dependent) and `ahead` (share of tickers on which it loses less). NaN where nothing
    can be said.

    Raises
    ------
    InvalidInputError : as for `leaderboard`.
    """
    rows = []
    for field in CommonRows.of(runs).split(horizons):
        facts, overlap = field.facts, field.overlap
        by_date = _means(field, "as_of")
        by_ticker = _means(field, "ticker")
        total = {name: float(loss.sum()) for name, loss in field.losses.items()}
        for name, baseline in product(field.scores, field.losses):
            if name == baseline:
                continue
            test = diebold_mariano(by_date[name], by_date[baseline], overlap)
            rows.append(
                {
                    "forecaster": name,
                    "baseline": baseline,
                    **facts,
                    "loss_reduction": _reduction(total[name], total[baseline]),
                    "difference": test.difference,
                    "difference_low": test.low,
                    "difference_high": test.high,
                    "statistic": test.statistic,
                    "p": test.p,
                    "lag": test.lag,
                    "ahead": float((by_ticker[name] < by_ticker[baseline]).mean()),
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _reduction(loss: float, baseline: float) -> float:
    return 1.0 - loss / baseline if baseline > 0 else np.nan


def _means(field: CommonRows, by: str) -> dict[str, np.ndarray]:
    """Mean loss of each forecaster per date or per ticker, sorted."""
    groups = pd.DataFrame(field.losses).groupby(field.first[by].to_numpy(), sort=True).mean()
    return {str(name): groups[name].to_numpy() for name in groups}
