"""The continuous ranked probability score of a `Distribution`, without a grid."""

import numpy as np

from core.models.distribution import Distribution


def crps(actual: np.ndarray, distribution: Distribution) -> np.ndarray:
    """Twice the pinball loss averaged over every level in (0, 1).

    Parameters
    ----------
    actual : float64 (...), log returns over the leading axes of the distribution.
    distribution : its tails count too, so the score looks at more than the stated levels.

    Returns
    -------
    float64 (...), in log return, never below zero; NaN where the actual or the
        distribution is unknown.

    Notes
    -----
    Gneiting and Raftery (2007), Strictly proper scoring rules, prediction, and estimation. The
    integral is exact: on each piece the quantile is linear in the log odds of the level, whose
    integrals are elementary.
    """
    levels = np.asarray(distribution.levels)
    inner = levels[1:-1]
    # The two outermost pieces reach to 0 and 1, as the tails keep their slopes.
    edges = np.concatenate([[0.0], inner, [1.0]])
    odds = np.log(levels) - np.log1p(-levels)
    slope = np.diff(distribution.returns, axis=-1) / np.diff(odds)
    offset = distribution.returns[..., :-1] - slope * odds[:-1]
    below = distribution.cdf(actual)
    weighed = offset * np.diff(edges**2) / 2.0 + slope * np.diff(_weighed_odds(edges))
    # Each piece's share of the levels above the actual's own.
    start = np.clip(below[..., None], edges[:-1], edges[1:])
    above = offset * (edges[1:] - start) + slope * (_summed_odds(edges[1:]) - _summed_odds(start))
    beyond = above.sum(axis=-1) - actual * (1.0 - below)
    score = 2.0 * (actual / 2.0 - weighed.sum(axis=-1) + beyond)
    # Rounding may leave a perfect forecast a hair below nothing.
    exact: np.ndarray = np.maximum(score, 0.0)
    return exact


def _summed_odds(level: np.ndarray) -> np.ndarray:
    """Integral of the log odds from 0 to a level."""
    found: np.ndarray = _times_log(level) + _times_log(1.0 - level)
    return found


def _weighed_odds(level: np.ndarray) -> np.ndarray:
    """Integral of level times log odds from 0 to a level."""
    # (level^2 log(level) - (level^2 - 1) log(1 - level)) / 2 + level / 2, finite at both ends.
    ends = level * _times_log(level) + (1.0 + level) * _times_log(1.0 - level)
    found: np.ndarray = (ends + level) / 2.0
    return found


def _times_log(value: np.ndarray) -> np.ndarray:
    found: np.ndarray = value * np.log(np.where(value > 0, value, 1.0))
    return found
