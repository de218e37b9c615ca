"""What a source says of its own bars: where it had to choose between two, and which it believed."""

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault, runs
from core.reference.bar_holds import Hold


def source_findings(bars: pd.DataFrame) -> list[CheckFinding]:
    """A finding for each run of rows with the same note; nothing of them is held back.

    Parameters
    ----------
    bars : one ticker's rows by session, with a column `note` where their source has any: a
        `Message`, or nothing.
    """
    if "note" not in bars:
        return []
    by_note: dict[Message, list[int]] = {}
    for row, note in enumerate(bars["note"]):
        if isinstance(note, Message):  # rows of the store have none
            by_note.setdefault(note, []).append(row)
    return [
        CheckFinding(Fault.SOURCES, rows, note, Hold.NONE)
        for note, found in by_note.items()
        for rows in runs(np.array(found))
    ]
