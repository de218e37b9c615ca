"""What a check finds: which rows of one ticker's frame, why, and what must not be read of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.reference.bar_holds import Hold

PRICE, RANGE, DUPLICATE, ORDER = "price", "range", "duplicate", "order"
CLOSED, NO_VOLUME, STALE, LOTS = "closed", "volume", "stale", "lots"
SPLIT, UNITS, JUMP, DIVIDEND, SERIES = "split", "100x", "jump", "dividend", "series"


@dataclass(frozen=True)
class CheckFinding:
    """One fault.

    Parameters
    ----------
    code : the kind of fault, one of the constants above.
    rows : positions in the frame that was checked, ascending.
    reason : a sentence a person can read, without the ticker.
    held : what must not be read of these rows; `Hold.NONE` where the fault is already mended.
    """

    code: str
    rows: np.ndarray
    reason: str
    held: Hold = Hold.PRICES


def runs(rows: np.ndarray) -> list[np.ndarray]:
    """Ascending positions, cut wherever one is left out."""
    if not len(rows):
        return []
    return np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)


def in_runs(
    code: str, bad: np.ndarray, reason: str, held: Hold = Hold.PRICES
) -> list[CheckFinding]:
    """A finding for each run of rows where `bad` (bool, one a row) holds."""
    return [CheckFinding(code, rows, reason, held) for rows in runs(np.flatnonzero(bad))]


def strongest(size: int, findings: Iterable[CheckFinding]) -> np.ndarray:
    """What must not be read of each of `size` rows, all findings together: an array of str."""
    prices, actions = np.zeros(size, bool), np.zeros(size, bool)
    for one in findings:
        prices[one.rows] |= one.held in (Hold.PRICES, Hold.ALL)
        actions[one.rows] |= one.held in (Hold.ACTIONS, Hold.ALL)
    held: np.ndarray = np.select(
        [prices & actions, prices, actions], [Hold.ALL, Hold.PRICES, Hold.ACTIONS], Hold.NONE
    ).astype(object)
    return held
