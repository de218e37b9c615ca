"""When a source that refused or cannot be reached may be asked again."""

import random
import time
from collections.abc import Callable

_FIRST_SECONDS, _LONGEST_SECONDS = 60.0, 900.0


class Patience:
    """A rest for all tickers: a minute at first, twice as long each time, 15 minutes at most.

    Parameters
    ----------
    clock : seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = _FIRST_SECONDS
        self._until = float("-inf")

    def resting(self) -> bool:
        """Whether it is too early to ask."""
        return self._clock() < self._until

    def rest(self) -> None:
        """Begin a rest, up to a tenth longer so that many clients do not come back at once."""
        self._until = self._clock() + self._seconds * random.uniform(1.0, 1.1)
        self._seconds = min(2 * self._seconds, _LONGEST_SECONDS)

    def renew(self) -> None:
        """An answer came: the next rest is a short one again."""
        self._seconds = _FIRST_SECONDS
