"""What was computed once, kept for a while under a key that says all it was computed from.

A cache may forget anything at any time and is never asked for the truth: who keeps something in
one must be able to compute it again.
"""

import threading
import time
from collections import OrderedDict
from typing import Protocol

_MOST = 500


class Cache(Protocol):
    """Bytes by key, for a number of seconds; safe for several threads."""

    def get(self, key: str) -> bytes | None:
        """What is kept under a key; None if nothing is, any more or yet."""
        ...

    def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value under a key for so long, at the most."""
        ...

    def reach(self) -> None:
        """Ask whether it answers.

        Raises
        ------
        OfflineError : it does not, or refuses.
        """
        ...


class ProcessCache:
    """In this process alone: the values used last, as many as there may be."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """See `Cache`."""
        with self._lock:
            until, value = self._kept.get(key, (0.0, b""))
            if until <= time.monotonic():
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
            return value

    def set(self, key: str, value: bytes, seconds: float) -> None:
        """See `Cache`."""
        with self._lock:
            self._kept[key] = (time.monotonic() + seconds, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def reach(self) -> None:
        """See `Cache`: what is in this process is always there."""
