"""Fitted forecasters in memory, for as long as their files are what was registered."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache

from core.foundation.errors import ArtifactError
from core.foundation.files import looks
from core.models import Forecaster
from core.registry import artifacts

_MAX_FORECASTERS = 32  # a champion and its specialists
_TRUSTED_SECONDS = 20.0  # that a file which looks untouched is not read again


@dataclass
class _Cached:
    forecaster: Forecaster
    looks: tuple[int, ...]
    until: float


class Verified:
    """Reads each file once, and checks each time whether it changed: then it is read again."""

    def __init__(self) -> None:
        self._cached: LRUCache[tuple[Path, str], _Cached] = LRUCache(_MAX_FORECASTERS)
        self._lock = threading.Lock()

    def get(self, path: Path, sha256: str) -> Forecaster:
        """The forecaster of a file.

        Raises
        ------
        ArtifactError : as `core.registry.artifacts.load`, though it was sound before.
        """
        key, seen, now = (path, sha256), looks(path), time.monotonic()
        with self._lock:
            cached = self._cached.get(key)
        if cached is None:
            cached = _Cached(artifacts.load(path, sha256), seen, now + _TRUSTED_SECONDS)
            with self._lock:
                self._cached[key] = cached
        elif cached.looks != seen or now > cached.until:
            try:
                artifacts.content(path, sha256)
            except ArtifactError:
                with self._lock:
                    self._cached.pop(key, None)
                raise
            cached.looks, cached.until = seen, now + _TRUSTED_SECONDS
        return cached.forecaster
