"""A split that the vendor applied to its prices and volumes without listing it."""

import numpy as np
import pandas as pd

from core.market.checks.finding import SPLIT, Finding
from core.schema import PRICE_COLUMNS, USABLE

# Volumes are whole shares, so those before a split of 4 new for 1 old are all multiples of 4; that
# `_BEFORE` of them are by chance has odds of 1 to 4 to that power. Whole hundreds are a rounding.
_RATIOS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50)
_BEFORE, _AFTER = 25, 5


def list_applied(bars: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Put the splits that volumes give away where they went ex, and undo them before.

    Parameters
    ----------
    bars : one ticker's rows by session, raw as far as the vendor's list of splits goes.

    Returns
    -------
    A new frame, as traded, and a finding for each split found, its rows being those restated.
    Prices, dividends and volumes after adjustment are what they were.
    """
    frame, found = bars.reset_index(drop=True), []
    for _ in _RATIOS:
        at, ratio = _find(frame["volume"].to_numpy(float))
        if not at:
            break
        frame = _restate(frame, at, ratio)
        reason = (
            f"Volumes before {frame['session'].iloc[at]:%Y-%m-%d} are all multiples of {ratio}, "
            f"later ones are not: a split of {ratio} new for 1 old is applied but not listed. "
            "It was added, and the prices before it are kept as they were traded."
        )
        found.append(Finding(SPLIT, np.arange(at), reason, USABLE))
    return frame, found


def _find(volume: np.ndarray) -> tuple[int, int]:
    """The row on which the latest such split went ex, and its ratio; (0, 1) if there is none."""
    rows = np.flatnonzero((volume > 0) & (volume == np.round(volume)))
    shares = volume[rows].astype(np.int64)
    common = np.gcd.accumulate(shares) if len(shares) else shares
    for at in np.flatnonzero(common[1:] < common[:-1])[::-1] + 1:
        ratio = int(common[at - 1])
        steady = at - int(np.searchsorted(-common, -ratio))
        later = shares[at:] % ratio == 0
        if (
            ratio in _RATIOS
            and steady >= _BEFORE
            and len(later) >= _AFTER
            and later.mean() < (1 + 1 / ratio) / 2
        ):
            return int(rows[at]), ratio
    return 0, 1


def _restate(frame: pd.DataFrame, at: int, ratio: int) -> pd.DataFrame:
    restated = frame.copy()
    before = np.arange(len(frame)) < at
    for name in (*PRICE_COLUMNS, "dividend"):
        restated[name] = np.where(before, frame[name] * ratio, frame[name])
    restated["volume"] = np.where(before, frame["volume"] / ratio, frame["volume"])
    restated["split_ratio"] = np.where(
        np.arange(len(frame)) == at, frame["split_ratio"] * ratio, frame["split_ratio"]
    )
    return restated
