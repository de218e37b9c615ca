"""Scores of quantiles: the losses and the intervals that every other score is made of."""

import numpy as np

from core.evaluation.metrics.crps import crps
from core.evaluation.metrics.pit import pit
from core.evaluation.metrics.point_and_interval import inside, pinball, width
from core.models.distribution import Distribution
from core.reference.schema import INTERVALS, LEVELS


def quantile_scores(
    actual: np.ndarray, quantiles: np.ndarray, baseline: np.ndarray
) -> dict[str, np.ndarray]:
    """Score quantiles at `LEVELS`, each row against its actual and beside a baseline's.

    Parameters
    ----------
    actual : float64 (rows,), log total returns.
    quantiles, baseline : float64 (rows, levels), log total returns, not decreasing along a row.

    Returns
    -------
    Arrays (rows,): `pinball` and `baseline_pinball` (mean over `LEVELS`), `crps`, `pit` (the
    probability given to less than the actual), and for each interval such as 80 `inside_80`
    (1.0 or 0.0) and `width_80`. Losses and widths are in log return.
    """
    distribution = Distribution(quantiles)
    found = {
        "pinball": pinball(actual, quantiles, LEVELS).mean(axis=-1),
        "baseline_pinball": pinball(actual, baseline, LEVELS).mean(axis=-1),
        "crps": crps(actual, distribution),
        "pit": pit(actual, distribution),
    }
    for share, (lower, upper) in INTERVALS.items():
        bounds = quantiles[:, LEVELS.index(lower)], quantiles[:, LEVELS.index(upper)]
        found[f"inside_{share}"] = inside(actual, *bounds)
        found[f"width_{share}"] = width(*bounds)
    return found
