"""How far closes go for the ranges that were traded: what sets a ticker apart from the others."""

import numpy as np

from core.features.panel import Panel

_SESSIONS = 2000
_HALF_SURE = 250  # sessions at which a ticker's own ratio weighs as much as the others'


def log_close_to_range(panel: Panel, rows: np.ndarray) -> np.ndarray:
    """Log of mean absolute return over mean volatility, of the sessions up to each row.

    Parameters
    ----------
    panel : volatility is the root of its `variance`, which comes from ranges where there are any.
    rows : int64 (rows,); at most the newest 2,000 sessions up to each are looked at.

    Returns
    -------
    float64 (rows,), no unit; NaN where nothing moved or a row is its ticker's first.
    """
    step = np.zeros(len(panel.session))
    step[1:] = np.abs(np.diff(panel.log_close))
    step[panel.first[:-1]] = 0.0
    volatility = np.sqrt(np.nan_to_num(panel.variance))
    start = panel.first[panel.code[rows]]
    since = np.maximum(start, rows + 1 - _SESSIONS)
    found = np.full(len(rows), np.nan)
    # Ticker by ticker: one running sum over all would round by what came before.
    for code in np.unique(panel.code[rows]):
        first, mine = panel.first[code], panel.code[rows] == code
        part = slice(first, panel.first[code + 1])
        moved, wide = (np.append(0.0, np.cumsum(one[part])) for one in (step, volatility))
        a, b = since[mine] - first, rows[mine] + 1 - first
        with np.errstate(divide="ignore", invalid="ignore"):
            found[mine] = np.log((moved[b] - moved[a]) / (wide[b] - wide[a]))
    return np.where(np.isfinite(found), found, np.nan)


def mean_log_close_to_range(panel: Panel, rows: np.ndarray) -> float:
    """Mean of the `log_close_to_range` of these rows that is known; NaN if none is."""
    found = log_close_to_range(panel, rows)
    return float(found[np.isfinite(found)].mean()) if np.isfinite(found).any() else np.nan


def against_others(panel: Panel, rows: np.ndarray, expected: float) -> np.ndarray:
    """Factor (rows,) by which closes go further than `expected`.

    That is the `log_close_to_range` of other tickers. Shrunk towards 1.0 where there are few
    sessions; 1.0 where either is unknown.
    """
    sessions = np.minimum(panel.age[rows], _SESSIONS)
    weight = sessions / (sessions + _HALF_SURE)
    factor: np.ndarray = np.exp(
        np.nan_to_num(weight * (log_close_to_range(panel, rows) - expected))
    )
    return factor
