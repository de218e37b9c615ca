"""Abnormal volatility a quarter to a year before, which tends to come again.

Companies report on nearly the same session of every quarter, and prices, opens and volumes tell
afterwards which one it was. What the whole market did on a session says nothing of a ticker's own
calendar, so it is taken out.
"""

import numpy as np

from core.features.compiled import compiled
from core.reference.schema import MAX_HORIZON

_SPAN = 35  # sessions of the usual level that a session is held against
# Of variance, opening gap and volume, what counts at most.
_MAX_LOG_EXCESS = (3.0, 3.0, 2.0)
_WEIGHT = (1.0, 1.0, 1.5)
_SCALE = 4.0
# Of the sessions around a date, which moves a little.
_SESSION_WEIGHTS = (1.0, 2.0, 3.0, 2.0, 1.0)
_GAP_FLOOR = 0.2  # of the usual volatility: a smaller opening gap is none
_MIN_VARIANCE = 1e-6  # variance: a quieter session stands out from nothing


def log_excess(
    first: np.ndarray, variance: np.ndarray, gap: np.ndarray, volume: np.ndarray
) -> np.ndarray:
    """How far each session stood out from the ticker's sessions before it, (rows, 3).

    Parameters
    ----------
    first, variance : as `core.features.kernels.daily_variance` takes and gives them.
    gap : float64 (rows,), absolute log return from the close before to the open, NaN if unknown.
    volume : float64 (rows,), traded shares in one unit, NaN or 0 if unknown.

    Returns
    -------
    Log excess of variance, of the opening gap and of volume over their averages before; 0.0 where
    something is unknown.
    """
    logged = np.log(np.maximum(variance, _MIN_VARIANCE))
    average = _before(first, logged)
    with np.errstate(divide="ignore", invalid="ignore"):
        jump = np.log(gap + _GAP_FLOOR * np.exp(0.5 * average))
        traded = np.where(volume > 0, np.log(np.where(volume > 0, volume, 1.0)), np.nan)
    found = np.stack(
        [logged - average, jump - _before(first, jump), traded - _before(first, traded)], axis=1
    )
    known: np.ndarray = np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)
    return known


def abnormal_volatility(found: np.ndarray) -> np.ndarray:
    """One number a session, float64 (rows,), from its excesses without the market's; 0 is calm."""
    score = np.zeros(len(found))
    for column, (most, weight) in enumerate(zip(_MAX_LOG_EXCESS, _WEIGHT, strict=True)):
        score += weight * np.clip(found[:, column], 0.0, most)
    squared: np.ndarray = (score / _SCALE) ** 2
    return squared


def season(
    first: np.ndarray,
    code: np.ndarray,
    score: np.ndarray,
    rows: np.ndarray,
    lags: tuple[int, ...],
) -> np.ndarray:
    """Mean abnormal volatility of the sessions a quarter to a year before the coming ones.

    Parameters
    ----------
    first : as above; `code` int64 (rows of the panel,), the ticker each belongs to.
    score : as `abnormal_volatility` gives it; with lags of 63 and more, only rows at least 41
        sessions before each row are read.
    rows : int64 (rows,), those asked for.
    lags : sessions back to which a coming one is compared, see `FeatureSpec.season_lags`.

    Returns
    -------
    float64 (rows, MAX_HORIZON); what lies before a ticker's first row counts as calm.
    """
    near = np.array(_SESSION_WEIGHTS) / np.sum(_SESSION_WEIGHTS)
    found: np.ndarray = _season(first, code, score, rows, np.array(lags), near)
    return found


@compiled()
def _before(first: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Exponential average of the ticker's known values before each row; NaN where none is."""
    average = np.full(len(values), np.nan)
    for ticker in range(len(first) - 1):
        level, known = 0.0, 0
        for row in range(first[ticker], first[ticker + 1]):
            if known:
                average[row] = level
            if np.isfinite(values[row]):
                known += 1
                level += max(2.0 / (_SPAN + 1.0), 1.0 / known) * (values[row] - level)
    return average


@compiled()
def _season(
    first: np.ndarray,
    code: np.ndarray,
    score: np.ndarray,
    rows: np.ndarray,
    lags: np.ndarray,
    near: np.ndarray,
) -> np.ndarray:
    found = np.zeros((len(rows), MAX_HORIZON))
    half = len(near) // 2
    for at in range(len(rows)):
        start = first[code[rows[at]]]
        total = 0.0
        for ahead in range(1, MAX_HORIZON + 1):
            for lag in lags:
                for k in range(len(near)):
                    row = rows[at] + ahead - lag + k - half
                    if row >= start:
                        total += near[k] * score[row] / len(lags)
            found[at, ahead - 1] = total / ahead
    return found
