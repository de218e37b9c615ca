"""Whole responses in memory, while nothing changes that they were made from."""

import threading
from collections.abc import Callable, Mapping

from cachetools import LRUCache

from core.foundation.caches.cache import Cache
from core.foundation.errors import TickerLensError

_MAX_BYTES = 128 * 1024 * 1024
_CACHE_SECONDS = 4 * 24 * 3600.0  # what the night made, over a long weekend


class ResponseMemory:
    """The bytes of responses by what they respond to, those that were wanted last.

    Parameters
    ----------
    stamp : a text that changes with whatever a response is made from.
    cache : for other processes, and from them; asked where nothing is in memory.
    max_bytes : in memory, of all responses together.
    """

    def __init__(self, stamp: Callable[[], str], cache: Cache, max_bytes: int = _MAX_BYTES) -> None:
        self._stamp, self._cache = stamp, cache
        self._responses: LRUCache[str, bytes] = LRUCache(max_bytes, getsizeof=len)
        self._of = ""
        self._lock = threading.Lock()

    def get_or_make(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The response under a key, from memory, from the cache, or made; raises as `make` does.

        It is kept only if nothing changed while it was made.
        """
        stamp = self.stamp()
        if stamp is None:
            return make()
        with self._lock:
            found = self._responses.get(key) if stamp == self._of else None
        if found is None:
            found = self._cache.get(_name(stamp, key))
            if found is not None:
                self._remember(stamp, key, found)
        if found is None:
            found = make()
            if self.keep(stamp, {key: found}):
                self._remember(stamp, key, found)
        return found

    def stamp(self) -> str | None:
        """Under which a response is kept that is made from now on; None while nobody knows."""
        try:
            return self._stamp()
        except TickerLensError:  # who makes the response says what is wrong
            return None

    def keep(self, stamp: str | None, made: Mapping[str, bytes]) -> bool:
        """Put into the cache what was made since there was that stamp, by key, if that is in force
        still; whether it is."""
        in_force = stamp is not None and self.stamp() == stamp
        if stamp is not None and in_force:
            named = {_name(stamp, key): one for key, one in made.items()}
            self._cache.set_all(named, _CACHE_SECONDS)
        return in_force

    def _remember(self, stamp: str, key: str, made: bytes) -> None:
        with self._lock:
            if stamp != self._of:
                self._responses.clear()
                self._of = stamp
            if len(made) <= self._responses.maxsize:
                self._responses[key] = made


def _name(stamp: str, key: str) -> str:
    return f"response {stamp} {key}"
