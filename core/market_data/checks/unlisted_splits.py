"""A split that the vendor applied to its prices and volumes without listing it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.contract import MAX_SHARES
from core.market_data.checks.finding import CheckFinding, Fault
from core.reference.bar_holds import Hold
from core.reference.schema import PRICE_COLUMNS

# A volume is a whole number of shares. Where a vendor applied a split of 4 new for 1 old, all
# earlier volumes are multiples of 4; by chance `_BEFORE` of them are with a probability of 1 in 4
# to that power. A vendor may also have rounded volumes, mostly to tens or hundreds. Prices tell the
# two apart: rounded volumes leave them in whole cents. Prices divided by a ratio often are not in
# whole cents, and are so again when multiplied by it.
_RATIOS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50)
_ROUND = 5  # multiples of it may be a rounding where prices cannot tell
_BEFORE, _AFTER = 25, 5
# Shares of closes in whole cents, and of those that are not.
_MIN_CENT_SHARE, _MIN_OTHER_SHARE = 0.9, 0.1
_CENT_OFF = 0.02  # of a hundredth, which single precision blurs


def list_applied(bars: pd.DataFrame) -> tuple[pd.DataFrame, list[CheckFinding]]:
    """List the splits that volumes reveal at their ex date, and undo them on the rows before.

    Parameters
    ----------
    bars : one ticker's rows by session, raw as far as the vendor's list of splits goes.

    Returns
    -------
    A new frame, as traded, and a finding for each split found; its rows are those restated, as far
    back as the split before it. Prices, dividends and volumes after adjustment are what they were.
    """
    frame, found = bars.reset_index(drop=True), list[CheckFinding]()
    for _ in _RATIOS:
        at, ratio = _find(frame["volume"].to_numpy(float), frame["close"].to_numpy(float))
        if not at:
            break
        frame = _restate(frame, at, ratio)
        on = f"{frame['session'].iloc[at]:%Y-%m-%d}"
        message = Message(
            "bar.split-added",
            "Volumes before {session} are all multiples of {ratio}, later ones are not: a split of "
            "{ratio} new for 1 old is applied but not listed. It was added, and the prices before "
            "it are kept as they were traded.",
            {"session": on, "ratio": ratio},
        )
        found = [replace(one, rows=one.rows[one.rows >= at]) for one in found]
        found.append(CheckFinding(Fault.SPLIT, np.arange(at), message, Hold.NONE))
    return frame, found


def _find(volume: np.ndarray, close: np.ndarray) -> tuple[int, int]:
    """The row on which the latest such split went ex, and its ratio; (0, 1) if there is none."""
    rows = np.flatnonzero((volume > 0) & (volume <= MAX_SHARES) & (volume == np.round(volume)))
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
            and _divided(close[rows[at - steady : at]], close[rows[at:]], ratio)
        ):
            return int(rows[at]), ratio
    return 0, 1


def _divided(before: np.ndarray, after: np.ndarray, ratio: int) -> bool:
    """Whether closes look as if the earlier ones had been divided by the ratio."""
    if _in_cents(after) < _MIN_CENT_SHARE:  # as traded they never were
        return ratio % _ROUND != 0
    off = _in_cents(before) <= 1.0 - _MIN_OTHER_SHARE
    return off and _in_cents(before * ratio) >= _MIN_CENT_SHARE


def _in_cents(close: np.ndarray) -> float:
    """The share of closes that are a whole number of hundredths."""
    hundredths = 100.0 * close[np.isfinite(close)]
    return float((np.abs(hundredths - np.round(hundredths)) < _CENT_OFF).mean())


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
