"""The cache that the processes of one machine share, in a file; it may be deleted at any time."""

import hashlib
import sqlite3
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_MAX_BYTES = 256 * 1024 * 1024
_WAIT_SECONDS = 1.0
_PUTS = 200  # between two looks at what is to be forgotten
_TABLE = """
CREATE TABLE IF NOT EXISTS kept (
    number INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, until REAL NOT NULL,
    sha256 BLOB NOT NULL, value BLOB NOT NULL
)
"""
_FIND = "SELECT sha256, value FROM kept WHERE key = ? AND ? < until"
_PUT = "INSERT OR REPLACE INTO kept (key, until, sha256, value) VALUES (?, ?, ?, ?)"
_FORGET = """
DELETE FROM kept WHERE until <= ? OR number <= (
    SELECT max(number) FROM (
        SELECT number, sum(length(value)) OVER (ORDER BY number DESC) AS bytes FROM kept
    ) WHERE bytes > ?
)
"""


class FileCache:
    """A `Cache` in one SQLite file: the values put there last, so many bytes at the most.

    What cannot be read or written there is not found or not kept, whatever the reason; a file that
    is damaged goes.

    Parameters
    ----------
    path : the file; its folder is not made.
    max_bytes : of all values together, looked at now and then.
    """

    def __init__(self, path: Path, max_bytes: int = _MAX_BYTES) -> None:
        self._path, self._max_bytes = path, max_bytes
        self._puts = 0

    def get(self, key: str) -> bytes | None:
        """See `core.foundation.caches.cache.Cache`."""
        if not self._path.exists():
            return None
        found = self._used(lambda file: file.execute(_FIND, (_name(key), time.time())).fetchone())
        # The system need not have written all of the file when the power went.
        if found is None or hashlib.sha256(found[1]).digest() != found[0]:
            return None
        return zlib.decompress(found[1])

    def set(self, key: str, value: bytes, seconds: float) -> None:
        """See `core.foundation.caches.cache.Cache`."""
        self.set_all({key: value}, seconds)

    def set_all(self, values: Mapping[str, bytes], seconds: float) -> None:
        """See `core.foundation.caches.cache.Cache`."""
        small = {_name(key): zlib.compress(value, 1) for key, value in values.items()}
        until = time.time() + seconds
        rows = [(key, until, hashlib.sha256(one).digest(), one) for key, one in small.items()]

        def put(file: sqlite3.Connection) -> None:
            file.execute(_TABLE)
            file.executemany(_PUT, rows)
            before, self._puts = self._puts, self._puts + len(rows)
            if before == 0 or before // _PUTS != self._puts // _PUTS:
                file.execute(_FORGET, (time.time(), self._max_bytes))

        self._used(put)

    def reach(self) -> None:
        """See `core.foundation.caches.cache.Cache`: it is asked for nothing but what it has."""

    def _used(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as file:
                file.execute("PRAGMA synchronous=OFF")
                with file:
                    return work(file)
        except sqlite3.OperationalError:  # no table yet, no room, or somebody is long at it
            return None
        except sqlite3.DatabaseError:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            return None


def _name(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
