"""What must not be read of a stored bar, by the words that are stored beside it."""

from enum import StrEnum

import pandas as pd

from core.foundation.messages import Message


class Hold(StrEnum):
    """What of a bar is held back because a check doubts it."""

    NONE = ""  # it may be read
    PRICES = "prices"
    ACTIONS = "actions"  # its dividend and split
    ALL = "all"
    STEP = "step"  # it may be read, but nothing before it may be joined to it


PRICES_READ = (Hold.NONE, Hold.ACTIONS, Hold.STEP)


def left_out(since: pd.Timestamp) -> Message:
    """What is said of a ticker of which only the bars since an unanswered step are read."""
    return Message(
        "bars.left-out",
        "Bars before {since} are left out: nobody has said yet what the step in the price on that "
        "session was. Status asks.",
        {"since": since.date()},
    )
