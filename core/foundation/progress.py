"""How a piece of work tells its caller how far it is, and how it ended."""

from enum import StrEnum
from typing import Protocol


class WorkStatus(StrEnum):
    """How a piece of work ended."""

    OK = "ok"
    PARTIAL = "partial"  # some of it failed, the rest is done
    BEHIND = "behind"  # none of it could be done now, and it is made up for later


class Progress(Protocol):
    """Called with what is being done, how many of its parts are done, and how many there are."""

    def __call__(self, step: str, done: int, total: int, part: str = "") -> None:
        """`part` names the part that is done last, such as a ticker; empty where parts have no
        names."""


def silent(step: str, done: int, total: int, part: str = "") -> None:
    """Tell nobody."""
