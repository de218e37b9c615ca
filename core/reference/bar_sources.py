"""Where bars come from, by the names that are stored beside each of them."""

from enum import StrEnum


class BarSource(StrEnum):
    """A source of bars; `SAMPLE` is shipped with the program, all others are a person's own."""

    SAMPLE = "sample"
    CSV = "csv"
    YAHOO = "yahoo"
