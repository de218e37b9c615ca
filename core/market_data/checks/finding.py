"""What a check finds: which rows of one ticker's frame, why, and what must not be read of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.foundation.messages import Message
from core.reference.bar_holds import Hold


class Fault(StrEnum):
    """The kinds of fault that a check can find in a bar."""

    PRICE = "price"
    RANGE = "range"
    DUPLICATE = "duplicate"
    ORDER = "order"  # found by earlier versions, and on record since
    CLOSED = "closed"
    NO_VOLUME = "volume"
    STALE = "stale"
    LOTS = "lots"
    SPLIT = "split"
    UNITS = "100x"
    JUMP = "jump"
    STEP = "step"  # between two stretches of bars, of which neither is at fault
    CONTRADICTION = "contradiction"  # most of what is stored already came with other prices
    DIVIDEND = "dividend"
    SOURCES = "sources"  # two sources differ, and one of them is believed
    SERIES = "series"


@dataclass(frozen=True)
class CheckFinding:
    """One fault.

    Parameters
    ----------
    code : the kind of fault.
    rows : positions in the frame that was checked, ascending.
    message : a sentence without the ticker, its numbers apart; `reason` is the same in English.
    hold : what must not be read of these rows; `Hold.NONE` where the fault is already repaired.
    """

    code: Fault
    rows: np.ndarray
    message: Message
    hold: Hold = Hold.PRICES

    @property
    def reason(self) -> str:
        """What a person reads."""
        return str(self.message)


def runs(rows: np.ndarray) -> list[np.ndarray]:
    """Ascending positions, cut wherever one is left out."""
    if not len(rows):
        return []
    return np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)


def in_runs(
    code: Fault, bad: np.ndarray, message: Message, hold: Hold = Hold.PRICES
) -> list[CheckFinding]:
    """A finding for each run of rows where `bad` (bool, one a row) holds."""
    return [CheckFinding(code, rows, message, hold) for rows in runs(np.flatnonzero(bad))]


def strongest(size: int, findings: Iterable[CheckFinding]) -> np.ndarray:
    """What must not be read of each of `size` rows, all findings together: an array of str.

    The first row after a step counts as one even if its actions are doubted, since they only bear
    on what came before.
    """
    prices, actions, steps = (np.zeros(size, bool) for _ in range(3))
    for one in findings:
        prices[one.rows] |= one.hold in (Hold.PRICES, Hold.ALL)
        actions[one.rows] |= one.hold in (Hold.ACTIONS, Hold.ALL)
        steps[one.rows] |= one.hold == Hold.STEP
    holds: np.ndarray = np.select(
        [prices & actions, prices, steps, actions],
        [Hold.ALL, Hold.PRICES, Hold.STEP, Hold.ACTIONS],
        Hold.NONE,
    ).astype(object)
    return holds
