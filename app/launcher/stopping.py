"""The wish to stop, as a signal handler may express it."""

import os
import select
from contextlib import suppress


class Stop:
    """Set by a signal handler, waited for by the main thread.

    A `threading.Event` would not do: a second signal that arrives while the handler of the first
    is inside `set` waits for a lock that its own thread holds, for ever.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def set(self) -> None:
        """Wish to stop. May be called at any moment, and again while it runs."""
        with suppress(BlockingIOError):  # the pipe is full of wishes
            os.write(self._write, b".")

    def wait(self, seconds: float) -> bool:
        """Wait for the wish at most so long; whether it is there. It stays there."""
        return bool(select.select([self._read], [], [], seconds)[0])
