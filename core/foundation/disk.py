"""Why something could not be written, where the disk itself is the reason."""

import errno
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.foundation.errors import StorageError
from core.foundation.messages import Message

_FULL = (errno.ENOSPC, errno.EDQUOT)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_PRIMARY = 0xFF  # of an SQLite code; the rest says where it happened
_UNCLEAR = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_POSTGRES_FULL = "53100"
_TRIED_BYTES = 1 << 16  # more than SQLite's index of its log takes


def is_full(error: BaseException) -> bool:
    """Whether the operating system found no room, on the disk or within somebody's quota."""
    return isinstance(error, OSError) and error.errno in _FULL


def no_space(what: object) -> Message:
    """The sentence for a disk that is full; `what` lies on it.

    Of a file that is written under a hidden name first, the folder is named.
    """
    named = str(what)
    path = Path(named)
    if path.name.startswith(".") and path.suffix == ".tmp":
        named = str(path.parent)
    return Message(
        "disk.full",
        "No space left on the disk that holds {path}; free some and try again.",
        {"path": named},
    )


def read_only(what: object) -> Message:
    """The sentence for what may only be read here."""
    return Message(
        "disk.read-only",
        "{path} cannot be written: its disk or folder is read-only.",
        {"path": str(what)},
    )


def why_refused(error: BaseException, address: str, folder: Path | None = None) -> Message | None:
    """Why the records database refused to write, where its disk is the reason; else None.

    Parameters
    ----------
    error : as a driver raised it.
    address : of the database, as it is shown.
    folder : where SQLite keeps its file, tried out where its error leaves the reason open.
    """
    full = Message(
        "database.disk-full",
        "No space left on the disk that holds the records database at {address}; free some and "
        "try again.",
        {"address": address},
    )
    closed = Message(
        "database.read-only",
        "The records database at {address} cannot be written: its disk or folder is read-only.",
        {"address": address},
    )
    if is_full(error) or getattr(error, "pgcode", None) == _POSTGRES_FULL:
        return full
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL:
        return full
    if code not in _UNCLEAR or folder is None:
        return None
    refusal = _tried(folder)
    if refusal is None:
        return closed if code == sqlite3.SQLITE_READONLY else None
    if is_full(refusal):
        return full
    return closed if refusal.errno in _READ_ONLY else None


def explained(error: BaseException, home: Path) -> StorageError | None:
    """The sentence for an error that nobody caught, if a full or read-only disk is behind it."""
    for one in _behind(error):
        if is_full(one) or getattr(one, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            return StorageError.of(no_space(getattr(one, "filename", None) or home))
        if isinstance(one, OSError) and one.errno == errno.EROFS:
            return StorageError.of(read_only(one.filename or home))
    return None


def _behind(error: BaseException) -> Iterator[BaseException]:
    """An error, and what led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__context__, one.__cause__]


def _tried(folder: Path) -> OSError | None:
    """What the disk says to a little file."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            file.write(bytes(_TRIED_BYTES))
    except OSError as error:
        return error
    return None
