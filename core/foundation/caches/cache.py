"""What was computed once, kept for a while under a key that says all it was computed from.

A cache may forget anything at any time and is never asked for the truth: who keeps something in
one must be able to compute it again.
"""

import threading
from collections.abc import Mapping
from typing import Protocol

from cachetools import TLRUCache

_MAX_VALUES = 500


class Cache(Protocol):
    """Bytes by key, for a number of seconds; safe for several threads."""

    def get(self, key: str) -> bytes | None:
        """What is kept under a key; None if nothing is, any more or yet."""
        ...

    def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value under a key for so long, at the most."""
        ...

    def set_all(self, values: Mapping[str, bytes], seconds: float) -> None:
        """`set` several, in one go where it can."""
        ...

    def reach(self) -> None:
        """Ask whether it answers.

        Raises
        ------
        OfflineError : it does not, or refuses.
        """
        ...


class ProcessCache:
    """In this process: the values used last, `max_values` of them at the most.

    Parameters
    ----------
    behind : one that is given every value too, and asked where none is here any more, or yet.
    """

    def __init__(self, max_values: int = _MAX_VALUES, behind: Cache | None = None) -> None:
        self._behind = behind
        self._values: TLRUCache[str, tuple[bytes, float]] = TLRUCache(
            max_values, ttu=lambda key, value, now: now + value[1]
        )
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """See `Cache`."""
        with self._lock:
            stored = self._values.get(key)
        if stored is not None:
            return stored[0]
        return None if self._behind is None else self._behind.get(key)

    def set(self, key: str, value: bytes, seconds: float) -> None:
        """See `Cache`."""
        self.set_all({key: value}, seconds)

    def set_all(self, values: Mapping[str, bytes], seconds: float) -> None:
        """See `Cache`."""
        with self._lock:
            for key, value in values.items():
                self._values[key] = value, seconds
        if self._behind is not None:
            self._behind.set_all(values, seconds)

    def reach(self) -> None:
        """See `Cache`: what is in this process is always there."""
