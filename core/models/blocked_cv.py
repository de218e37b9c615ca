"""Blocks of time that are predicted from all the others: what a fit is worth out of its sample."""

from collections.abc import Iterator

import numpy as np

from core.features.panel import Panel
from core.reference.schema import MAX_HORIZON


def blocked_folds(
    panel: Panel, rows: np.ndarray, count: int, purge: int = MAX_HORIZON
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Consecutive blocks of sessions, the same for all tickers, and what may be learned for each.

    Parameters
    ----------
    rows : int64 (rows,), the panel's rows that are learned from.
    count : how many blocks, of as many sessions each.
    purge : sessions of the ticker itself that are left out on both sides of a block, for targets
        of rows that near reach into it, or its own reach into theirs.

    Yields
    ------
    bool (rows,) twice: the rows of the block, and those that may be learned from to predict them.
    """
    dates = np.unique(panel.session[rows])
    edges = dates[np.arange(1, count) * len(dates) // count]
    number = np.searchsorted(edges, panel.session, side="right")
    code = panel.code[rows]
    earlier = number[np.maximum(rows - purge, panel.first[code])]
    later = number[np.minimum(rows + purge, panel.first[code + 1] - 1)]
    for block in range(count):
        yield number[rows] == block, (later < block) | (earlier > block)


def subsample(rows: np.ndarray, most: int) -> np.ndarray:
    """At most so many rows, evenly from all: neighbours share their targets, so little is lost."""
    return rows[:: max(-(-len(rows) // most), 1)]
