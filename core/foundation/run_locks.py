"""Which pieces of work still have a process: a lock that ends with it, however it ends."""

import fcntl
import os
import signal
import socket
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.foundation.errors import TickerLensError
from core.foundation.files import age_seconds

_GIVEN_UP = "given up"
_GIVEN_UP_SECONDS = 900  # a process that was on its way when it was given up has begun by then
_YOUNG_SECONDS = 60  # a file this young may be one that is being made


class GivenUpError(TickerLensError):
    """The work was given up before it began; nobody waits for it any more."""


class RunLocks:
    """One lock file a piece of work, in a folder that all processes see.

    `name` is of letters, digits and hyphens everywhere.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alive(self, name: str) -> Iterator[None]:
        """Be known as alive while the block runs.

        Raises
        ------
        GivenUpError : it was given up while this process was on its way.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        if self._given_up(path):
            raise GivenUpError("run.given-up", "This run was given up before it began.")
        apart = self._folder / f".{uuid.uuid4().hex}"
        with apart.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            handle.write(f"{socket.gethostname()} {os.getpid()}")
            handle.flush()
            apart.replace(path)  # locked before anybody can find it
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def is_alive(self, name: str) -> bool:
        """Whether a process works on it now."""
        return _is_locked(self._folder / name)

    def orphaned(self, name: str) -> bool:
        """Whether the work began and its process is gone without having come to an end."""
        path = self._folder / name
        try:
            with path.open() as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
                # One that came to its end between the two lines above has taken its file away.
                same = os.fstat(handle.fileno()).st_ino == path.stat().st_ino
                return same and handle.read() != _GIVEN_UP
        except (FileNotFoundError, BlockingIOError):
            return False

    def kill(self, name: str) -> None:
        """End the process that works on it, if that is one of this machine."""
        path = self._folder / name
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            host, _, number = path.read_text().partition(" ")
            if host == socket.gethostname() and self.is_alive(name):
                os.kill(int(number), signal.SIGKILL)

    def give_up(self, name: str) -> None:
        """Let nobody begin with it for a while: a process may still be on its way."""
        self._folder.mkdir(parents=True, exist_ok=True)
        apart = self._folder / f".{uuid.uuid4().hex}"
        apart.write_text(_GIVEN_UP)
        apart.replace(self._folder / name)

    def forget(self, name: str) -> None:
        """Remove what a process that is gone has left of it."""
        (self._folder / name).unlink(missing_ok=True)

    def sweep(self, keep: Collection[str]) -> None:
        """Remove what processes left behind that are gone, but for the work named in `keep`."""
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            with suppress(FileNotFoundError):
                young = age_seconds(path) < _YOUNG_SECONDS
                if not young and path.name not in keep and not self._given_up(path):
                    if not _is_locked(path):
                        path.unlink()

    def _given_up(self, path: Path) -> bool:
        try:
            fresh = age_seconds(path) < _GIVEN_UP_SECONDS
            return fresh and path.read_text() == _GIVEN_UP
        except FileNotFoundError:
            return False


def _is_locked(path: Path) -> bool:
    try:
        with path.open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False
