"""Which pieces of work still have a process: a lock that ends with it, however it ends."""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lives:
    """One lock file a piece of work, in a folder that all processes see."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alive(self, name: str) -> Iterator[None]:
        """Be known as alive while the block runs; `name` is of letters, digits and hyphens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        apart = self._folder / f".{uuid.uuid4().hex}"
        with apart.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            apart.replace(path)  # whoever finds it finds it locked
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def ended_early(self, name: str) -> bool:
        """Whether the work began and its process is gone without having come to an end."""
        path = self._folder / name
        try:
            with path.open() as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
                # One that came to its end between the two lines above has taken its file away.
                return os.fstat(handle.fileno()).st_ino == path.stat().st_ino
        except (FileNotFoundError, BlockingIOError):
            return False
