"""The yardstick of MASE: how wrong "no change" has been so far."""

import numpy as np

from core.features.panel import Panel
from core.reference.schema import HORIZONS


def naive_errors(panel: Panel, rows: np.ndarray) -> np.ndarray:
    """Mean absolute h-session log return of a ticker up to each row, (rows, horizons).

    Only returns that had ended by the row count. NaN where there is none, 0.0 where the price
    never moved.

    Notes
    -----
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy; the seasonal naive
    with a season of h, for an error h sessions ahead.
    """
    found = np.full((len(rows), len(HORIZONS)), np.nan)
    # Ticker by ticker: one running sum over all would round by what came before.
    for code in np.unique(panel.code[rows]):
        mine = panel.code[rows] == code
        closes = panel.log_close[panel.first[code] : panel.first[code + 1]]
        age = panel.age[rows[mine]]
        closes = closes[: age.max()]
        for column, horizon in enumerate(HORIZONS):
            total = np.cumsum(np.abs(closes[horizon:] - closes[:-horizon]))
            ended = age - horizon
            known = ended > 0
            means = np.full(len(age), np.nan)
            means[known] = total[ended[known] - 1] / ended[known]
            found[mine, column] = means
    return found
