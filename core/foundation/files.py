"""The one way files are written: whole or not at all, one writer at a time."""

import fcntl
import math
import os
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.foundation.disk import is_full, no_space
from core.foundation.errors import StorageError

_SLACK_SECONDS = 300.0
_TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<pid>\d+)\.[a-z0-9_]+\.tmp")


def write_atomic(path: Path, write: Callable[[Path], object], mode: int = 0o600) -> None:
    """Write a file so that a reader, or a crash at any instant, sees the old bytes or the new.

    Parameters
    ----------
    path : the file to replace; its folder is created.
    write : called with a temporary path in the same folder, to be filled.
    mode : permission bits of the new file.

    Raises
    ------
    StorageError : the disk refused; the old file is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(".tmp", f".{path.name}.{os.getpid()}.", path.parent)
        temporary = Path(name)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # says to `sweep` that somebody is at it
            write(temporary)
            temporary.chmod(mode)
            _sync(temporary)
            os.replace(temporary, path)
        finally:
            os.close(handle)
            temporary.unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as error:
        if is_full(error):
            raise StorageError.of(no_space(path)) from error
        raise StorageError(
            "file.not-written",
            "{path} could not be written: {reason}.",
            {"path": path, "reason": error.strerror or str(error)},
        ) from error


@contextmanager
def staging(folder: Path, name: str) -> Iterator[Path]:
    """A path in a folder for a file that is to be moved to its place while the block runs.

    What is left of it goes when the block ends, or with the next `sweep` if the process does.
    """
    path = folder / f".{name}.{os.getpid()}.{uuid.uuid4().hex}.tmp"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """Say to `sweep`, also to that of another container, that somebody works with this file."""
    with path.open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def age_seconds(path: Path) -> float:
    """Seconds since a file was written.

    Infinite where that is more than five minutes ahead: the clock was set back since, and what was
    to end then would not end.

    Raises
    ------
    FileNotFoundError : there is none.
    """
    age = time.time() - path.stat().st_mtime
    return age if age > -_SLACK_SECONDS else math.inf


def looks(path: Path) -> tuple[int, ...]:
    """What changes with a file, without reading it; empty if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def sweep(folder: Path) -> int:
    """Remove temporary files left by writers that no longer run; returns how many."""
    removed = 0
    for path in folder.rglob(".*.tmp") if folder.is_dir() else ():
        match = _TEMPORARY.fullmatch(path.name)
        if match and not _alive(int(match["pid"])) and not _is_in_use(path):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file at `path` while the block runs; other processes wait their turn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_in_use(path: Path) -> bool:
    """Whether a writer holds the file; one in another container has a number unknown here."""
    try:
        with path.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):  # or finished meanwhile
        return True
    return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
