"""Where actuals fell in their predictive distributions: evenly, if these were right."""

import numpy as np
import pandas as pd

from core.models.distribution import Distribution

BINS = 10


def pit(actual: np.ndarray, distribution: Distribution) -> np.ndarray:
    """Probability integral transform: the probability forecast for less than the actual.

    Parameters
    ----------
    actual : float64 (...), log returns over the leading axes of the distribution.

    Returns
    -------
    float64 (...) in [0, 1]; NaN where the actual or the distribution is unknown.

    Notes
    -----
    Dawid (1984), Statistical theory: the prequential approach.
    """
    found: np.ndarray = np.where(np.isnan(actual), np.nan, distribution.cdf(actual))
    return found


def histogram(values: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """How often the transform fell into each of `bins` equal parts of [0, 1].

    Parameters
    ----------
    values : as `pit` gives them; NaN are left out.

    Returns
    -------
    One row a bin: `low`, `high`, `count`, `share` of `n` (NaN where n is 0), `expected` (what a
    right distribution has), `n` (transforms counted in all). A hump means too wide, a bowl too
    narrow, a slope off to one side.
    """
    known = values[np.isfinite(values)]
    edges = np.linspace(0.0, 1.0, bins + 1)
    count, _ = np.histogram(known, bins=edges)
    share = count / len(known) if len(known) else np.full(bins, np.nan)
    columns = {"low": edges[:-1], "high": edges[1:], "count": count, "share": share}
    return pd.DataFrame(columns).assign(expected=1.0 / bins, n=len(known))
