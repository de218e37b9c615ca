"""What a thing was computed from, as a text that is read anew only when it may have changed."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from core.foundation.errors import TickerLensError

AGAIN_SECONDS, TRUSTED_SECONDS = 5.0, 15.0


class Numbered(Protocol):
    """What has a number, see `core.foundation.caches.edition.Edition`."""

    def number(self) -> str | None:
        """As of `Edition`."""
        ...

    def settled(self) -> str | None:
        """As of `Edition`."""
        ...


@dataclass(frozen=True)
class _Stamped:
    number: str
    text: str
    at: float


class EditionStamp:
    """A text that is slow to read, in memory while the edition stays what it was.

    What changes without telling the edition, such as a file that somebody copied there by hand, is
    found too: the text is read again, beside those who ask, `AGAIN_SECONDS` after it was read last,
    and nobody is given one that is older than `TRUSTED_SECONDS`.

    Parameters
    ----------
    edition : tells by one number whether anything may have changed.
    read : reads the text.
    clock : seconds that only grow.
    """

    def __init__(
        self,
        edition: Numbered,
        read: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._edition, self._read, self._clock = edition, read, clock
        self._last: _Stamped | None = None
        self._reading = threading.Lock()  # held by the one who reads beside those who ask

    def now(self) -> str:
        """The text of what is stored now; raises what reading it raises."""
        last = self._last
        if last is not None and last.number == self._edition.number():
            age = self._clock() - last.at
            if age < AGAIN_SECONDS:
                return last.text
            if age < TRUSTED_SECONDS:
                self._begin_reading()
                return last.text
        return self._anew()

    def _anew(self) -> str:
        number, at = self._edition.settled(), self._clock()
        text = self._read()
        # Under a number that somebody was writing in nothing is kept: if that one is killed, no
        # other number may come.
        self._last = None if number is None else _Stamped(number, text, at)
        return text

    def _begin_reading(self) -> None:
        if self._reading.acquire(blocking=False):
            threading.Thread(target=self._read_beside, daemon=True).start()

    def _read_beside(self) -> None:
        try:
            with suppress(TickerLensError):  # raised again for the next caller once this is too old
                self._anew()
        finally:
            self._reading.release()
