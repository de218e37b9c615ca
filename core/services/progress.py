"""How a service tells its caller how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how many of its parts are done, how many there are)."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""
