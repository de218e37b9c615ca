"""One connection to an SQLite file that stays open, so that reading needs no room on the disk."""

import os
import sqlite3
import weakref
from pathlib import Path

# A connection that came over a fork is neither used nor closed: closing it would end the log of
# the process that it belongs to.
_inherited: list[sqlite3.Connection] = []


class LastingConnection:
    """Keeps the files beside an SQLite file in being.

    Whoever opens it needs a log and its index there, and the last one to close removes them; on a
    disk that has become full they could not be made again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = 0
        self._pid = 0
        self._end: weakref.finalize[[sqlite3.Connection, int], LastingConnection] | None = None

    def hold(self) -> None:
        """See that a connection is open in this process, if one can be opened as usual."""
        try:
            inode = self._path.stat().st_ino
        except OSError:
            return
        if self._end is not None and (inode, os.getpid()) == (self._inode, self._pid):
            return
        self.close()
        try:
            connection = sqlite3.connect(self._path, check_same_thread=False)
        except sqlite3.Error:
            return
        try:
            connection.execute("PRAGMA schema_version").fetchall()  # opens the log
        except sqlite3.Error:
            connection.close()
            return
        self._inode, self._pid = inode, os.getpid()
        self._end = weakref.finalize(self, _let_go, connection, self._pid)

    def close(self) -> None:
        """Let go of it; the last one to do so folds the log into the file."""
        if self._end is not None:
            self._end()
            self._end = None


def _let_go(connection: sqlite3.Connection, pid: int) -> None:
    if pid == os.getpid():
        connection.close()
    else:
        _inherited.append(connection)
