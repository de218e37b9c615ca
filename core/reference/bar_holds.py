"""What must not be read of a stored bar, by the words that are stored beside it."""

from enum import StrEnum


class Hold(StrEnum):
    """What of a bar is held back because a check doubts it."""

    NONE = ""  # it may be read
    PRICES = "prices"
    ACTIONS = "actions"  # its dividend and split
    ALL = "all"
