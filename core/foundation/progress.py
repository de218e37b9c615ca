"""How a service tells its caller how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done, how many of its parts are done, and how many there are."""

    def __call__(self, step: str, done: int, total: int, part: str = "") -> None:
        """`part` names the part that is done last, such as a ticker; empty where parts have no
        names."""


def silent(step: str, done: int, total: int, part: str = "") -> None:
    """Tell nobody."""
