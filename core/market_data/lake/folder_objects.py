"""Named objects as the files of a local folder."""

import os
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

from core.foundation.caches.edition import FileEdition
from core.foundation.errors import UnreadableError
from core.foundation.files import exclusive, sweep, write_atomic
from core.market_data.lake.objects import Change


class Folder:
    """The files directly in a folder; hidden ones are not among them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.edition = FileEdition(root / ".locks" / "edition.lock", root)
        sweep(root)

    def __str__(self) -> str:
        return str(self._root)

    def versions(self) -> dict[str, str]:
        """Every file with its inode, time and size: a replaced file has another inode."""
        found = {}
        with suppress(FileNotFoundError), os.scandir(self._root) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # removed meanwhile
                    if not entry.name.startswith(".") and entry.is_file():
                        found[entry.name] = _version(entry.stat())
        return found

    def version(self, name: str) -> str | None:
        """As `versions` has it for one file; None if there is none."""
        try:
            return _version((self._root / name).stat())
        except FileNotFoundError:
            return None

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None if there is none."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableError(
                "bars.not-read",
                "{name} cannot be read: {reason}.",
                {"name": name, "reason": error.strerror or str(error)},
            ) from error

    def update(self, name: str, change: Change) -> None:
        """Replace a file while its lock is held, so `change` is called once."""
        with exclusive(self._lock(name)):
            new = change(self.read(name))
            if new is not None:
                content = new
                with self._changing(name):
                    write_atomic(self._root / name, lambda path: path.write_bytes(content))

    def remove(self, name: str) -> None:
        """Delete a file once nobody is writing it."""
        # The lock file stays: unlinked, a waiting writer and a new one would hold two of them.
        with exclusive(self._lock(name)), self._changing(name):
            (self._root / name).unlink(missing_ok=True)

    def _changing(self, name: str) -> AbstractContextManager[None]:
        return nullcontext() if name.startswith(".") else self.edition.changing()

    def _lock(self, name: str) -> Path:
        return self._root / ".locks" / f"{name}.lock"


def _version(facts: os.stat_result) -> str:
    return f"{facts.st_ino} {facts.st_mtime_ns} {facts.st_size}"
