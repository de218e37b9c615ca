"""One number that another one follows whenever something that is stored may have changed.

Who keeps what was computed from stored things asks for the number alone, instead of looking at all
of them. A writer says that it is at it before it writes and until it has written. While one is, the
number is not settled, and nothing that is read may be kept under it; that ends with the writer's
process too, so that one which is killed at any instant leaves nothing stale behind.
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

_BYTES = 16


class Edition(Protocol):
    """The number of what is stored in one place. No method raises where that cannot be reached."""

    def number(self) -> str | None:
        """The number now, which never comes again; None where nobody can say."""
        ...

    def settled(self) -> str | None:
        """The number if nobody writes: what is read from now on, until another is seen, is its.

        None where somebody writes, or nobody can say.
        """
        ...

    def changing(self) -> AbstractContextManager[None]:
        """For a writer: another number now, and another once the block ends; unsettled meanwhile.

        The block is to begin before the first byte is written and to end after the last one.
        """
        ...


class NoEdition:
    """Of a place without a number: to know whether it changed, look at all of it."""

    def number(self) -> str | None:
        """See `Edition`."""
        return None

    def settled(self) -> str | None:
        """See `Edition`."""
        return None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """See `Edition`."""
        yield


class FileEdition:
    """The number in a small file beside what is stored, for all processes of this machine.

    A writer holds a lock of the operating system on it, which goes with its process.

    Parameters
    ----------
    path : the file, made on first use.
    place : what it tells of; while that is not there, the file is made by writers alone.
    """

    def __init__(self, path: Path, place: Path) -> None:
        self._path, self._place = path, place
        self._asking = threading.Lock()  # two who ask must not take each other for a writer

    def number(self) -> str | None:
        """See `Edition`."""
        try:
            handle = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return self._first()
        except OSError:
            return None
        try:
            return _read(handle) or self._first()
        finally:
            os.close(handle)

    def settled(self) -> str | None:
        """See `Edition`."""
        if self.number() is None:
            return None
        with self._asking, suppress(OSError):  # of which one says that somebody writes
            handle = os.open(self._path, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return _read(handle)
            finally:
                os.close(handle)
        return None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """See `Edition`."""
        handle = self._open()
        if handle is None:
            yield
            return
        try:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_SH)
            _renew(handle)
            try:
                yield
            finally:
                _renew(handle)
        finally:
            os.close(handle)

    def _first(self) -> str | None:
        """The number of a place that had none yet."""
        if not self._place.exists():
            return None
        with self.changing():
            pass
        with suppress(OSError):
            handle = os.open(self._path, os.O_RDONLY)
            try:
                return _read(handle)
            finally:
                os.close(handle)
        return None

    def _open(self) -> int | None:
        with suppress(OSError):  # a disk that is full or read-only refuses the writer itself too
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        return None


class Editions:
    """The number of several places together.

    Parameters
    ----------
    parts : the edition of each.
    """

    def __init__(self, parts: Sequence[Edition]) -> None:
        self._parts = tuple(parts)

    def number(self) -> str | None:
        """See `Edition`."""
        return _together([one.number() for one in self._parts])

    def settled(self) -> str | None:
        """See `Edition`."""
        return _together([one.settled() for one in self._parts])


def _read(handle: int) -> str | None:
    found = os.pread(handle, _BYTES, 0)
    return found.hex() if len(found) == _BYTES else None  # a full disk may have refused the first


def _renew(handle: int) -> None:
    # Drawn, not counted: a copy of the folder, or one put back, must not bring an old one again.
    with suppress(OSError):
        os.pwrite(handle, os.urandom(_BYTES), 0)


def _together(numbers: list[str | None]) -> str | None:
    known = [one for one in numbers if one is not None]
    return " ".join(known) if len(known) == len(numbers) else None
