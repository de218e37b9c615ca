"""The two windows that monitoring compares, and whether they can be compared."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.drift_thresholds import MIN_WINDOWS
from core.foundation.messages import Message
from core.reference.windows import window_text

WINDOW = 40  # sessions
MIN_ROWS = 30  # (ticker, session) pairs in the current window


@dataclass(frozen=True)
class Windows:
    """Reference and current rows of one comparison; empty frames where there are none.

    Rows of inputs and outputs hold ticker, session and the columns of `core.lifecycle.monitor`,
    those of errors the columns of `core.lifecycle.monitored_errors`.
    """

    reference: pd.DataFrame
    current: pd.DataFrame


def shortfall(pair: Windows) -> Message | None:
    """What two windows lack to be compared; None if they can be."""
    if len(pair.current) < MIN_ROWS:
        return Message(
            "monitor.too-few-rows",
            "The current window holds {rows} rows, {least} are needed.",
            {"rows": len(pair.current), "least": MIN_ROWS},
        )
    windows = spanned(pair.reference)
    if windows < MIN_WINDOWS:
        return Message(
            "monitor.too-few-windows",
            "The reference holds {windows} windows of {sessions} sessions, {least} are needed.",
            {"windows": windows, "sessions": WINDOW, "least": MIN_WINDOWS},
        )
    return None


def spanned(rows: pd.DataFrame, sessions: int = WINDOW) -> int:
    """How many windows rows span; a walk-forward has an origin every few sessions."""
    if rows.empty:
        return 0
    first, last = rows["session"].min().date(), rows["session"].max().date()
    return int((np.busday_count(first, last) + 1) // sessions)


def newest(rows: pd.DataFrame, sessions: int = WINDOW) -> pd.DataFrame:
    """The rows of the last so many sessions."""
    session = rows["session"]
    return rows[session.isin(session.drop_duplicates().nlargest(sessions))]


def window_of(rows: pd.DataFrame) -> str:
    """First and last session as `core.reference.windows` writes them, empty if there is none."""
    return "" if rows.empty else window_text(rows["session"].min(), rows["session"].max())
