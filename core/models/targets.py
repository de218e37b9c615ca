"""What a forecaster of volatility learns from, and what it predicts."""

import numpy as np
import pandas as pd

from core.features.kernels import MIN_VARIANCE
from core.features.panel import Panel
from core.foundation.errors import NotEnoughHistoryError
from core.reference.schema import HORIZONS, MAX_HORIZON


def learnable(panel: Panel, until: pd.Timestamp | None, needed: int, window: int) -> np.ndarray:
    """Rows with features whose target at the longest horizon is known: one purge for all.

    Parameters
    ----------
    until : the last session that may be used, targets included; None means all.
    needed : sessions that at least one ticker must have.
    window : newest such rows of each ticker that are taken.

    Returns
    -------
    int64 (rows,), rising.

    Raises
    ------
    NotEnoughHistoryError : no ticker has enough sessions; names the longest.
    """
    known = np.ones(len(panel.session), dtype=bool)
    if until is not None:
        known = panel.session <= pd.Timestamp(until).to_datetime64()
    counts = np.bincount(panel.code[known], minlength=len(panel.tickers))
    if counts.max(initial=0) < needed:
        if not len(counts):
            raise NotEnoughHistoryError(
                "panel.empty",
                "The panel needs at least {least} sessions, has 0.",
                {"least": needed},
                parameter="ticker",
            )
        raise NotEnoughHistoryError(
            "ticker.too-young",
            "{ticker} needs at least {least} sessions, has {sessions}.",
            {
                "ticker": panel.tickers[int(counts.argmax())],
                "least": needed,
                "sessions": counts.max(),
            },
            parameter="ticker",
        )
    left = counts[panel.code] - panel.age
    recent = (left >= MAX_HORIZON) & (left < MAX_HORIZON + window)
    return np.flatnonzero(recent & np.isfinite(panel.features).all(axis=1))


def log_volatility(panel: Panel, rows: np.ndarray) -> np.ndarray:
    """Half the log of the mean daily variance of the next h sessions.

    float64 (rows, horizons), in log of log return; every row must have `MAX_HORIZON` sessions of
    its ticker behind it. Floored where prices stood still.
    """
    total = np.zeros(len(rows))
    found = np.empty((len(rows), len(HORIZONS)))
    for column, horizon in enumerate(HORIZONS):
        total += panel.variance[rows + horizon]
        found[:, column] = 0.5 * np.log(np.maximum(total / horizon, MIN_VARIANCE))
    return found
