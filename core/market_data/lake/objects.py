"""A store of named objects, each a sequence of bytes."""

from collections.abc import Callable
from typing import Protocol

from core.foundation.caches.edition import Edition

Change = Callable[[bytes | None], bytes | None]


class Objects(Protocol):
    """Named bytes, each read and replaced whole, by any number of processes at once.

    Every method raises `StorageError`, one sentence naming the place, if it cannot be reached.
    `update` and `remove` change the edition, unless a name begins with a dot.
    """

    @property
    def edition(self) -> Edition:
        """Tells by one number whether any of the bytes may have changed."""
        ...

    def versions(self) -> dict[str, str]:
        """Every name but hidden ones (".x"), with a text that changes whenever its bytes do."""
        ...

    def version(self, name: str) -> str | None:
        """The text that `versions` has for a name; None if there are no such bytes."""
        ...

    def read(self, name: str) -> bytes | None:
        """The bytes that one writer wrote, never a mixture of two; None if there are none."""
        ...

    def update(self, name: str, change: Change) -> None:
        """Replace the bytes by what `change` returns, without losing the update of another writer.

        Parameters
        ----------
        change : given the present bytes, or None; returns the new ones, or None to leave them. It
            is called again with newer bytes if another writer was quicker.
        """
        ...

    def remove(self, name: str) -> None:
        """Delete the bytes; nothing happens if there are none."""
        ...
