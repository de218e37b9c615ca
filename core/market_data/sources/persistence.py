"""Ask a source in its turn: again after a failure, and not at all while it is left alone."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from core.foundation.errors import (
    NotFoundError,
    RateLimitedError,
    SchemaError,
    SourceError,
    UnavailableError,
)
from core.market_data.sources.rate_limiter import Permission, RateLimiter

TRIES = 3
T = TypeVar("T")


@dataclass
class RequestState:
    """The state of one request; `status` and `text` are of the latest answer about bars.

    `acquire` waits until a request may go out, says how long that took, and raises if none may.
    That wait does not count as time of the request's.
    """

    deadline: float
    acquire: Callable[[], float] = field(default=lambda: 0.0)
    answered: bool = False
    status: int = 0
    text: str = ""


class PersistentRequests:
    """Requests to one source, for all threads that ask it.

    Parameters
    ----------
    rate_limiter : how often the source may be asked, shared by all who ask it.
    pause : seconds before a second try, twice as long before a third.
    limit : seconds for all tries together, the wait for one's turn aside.
    """

    def __init__(self, rate_limiter: RateLimiter, pause: float, limit: float) -> None:
        self._rate_limiter, self._pause, self._limit = rate_limiter, pause, limit
        self._silent = 1  # requests in a row without any answer; before the first one, all
        self._counting = threading.Lock()

    def send(self, once: Callable[[RequestState], T], refusal: Callable[[str], SourceError]) -> T:
        """What `once` returns, tried up to `TRIES` times.

        Parameters
        ----------
        once : one try; raises an error of the project where it fails.
        refusal : the error while the source is left alone, by the name of the error that began it.

        Raises
        ------
        NotFoundError, SourceError, SchemaError : of the last try; a denial counts once it came
            twice in a row.
        """
        permission = self._rate_limiter.enter()
        if not permission.granted:
            raise refusal(permission.kind)
        state = RequestState(time.monotonic() + self._limit, lambda: self._acquire(refusal))
        try:
            found = self._tries(once, state)
        except RateLimitedError:
            self._rate_limiter.trip(RateLimitedError.__name__)
            raise
        except UnavailableError:
            # One silence may be of this request alone. After a second, or on trial, spare others.
            if self._silence(state) > 1 or permission.trial:
                self._rate_limiter.trip(UnavailableError.__name__)
            raise
        except (NotFoundError, SchemaError):
            self._renew(permission)
            raise
        self._renew(permission)
        return found

    def _acquire(self, refusal: Callable[[str], SourceError]) -> float:
        permission, waited = self._rate_limiter.acquire()
        if not permission.granted:
            raise refusal(permission.kind)
        return waited

    def _silence(self, state: RequestState) -> int:
        with self._counting:
            self._silent = 0 if state.answered else self._silent + 1
            return self._silent

    def _renew(self, permission: Permission) -> None:
        with self._counting:
            self._silent = 0
        if permission.trial:
            self._rate_limiter.renew()

    def _tries(self, once: Callable[[RequestState], T], state: RequestState) -> T:
        failures: list[SourceError | NotFoundError] = []
        while True:
            try:
                return once(state)
            except (UnavailableError, NotFoundError) as error:
                failures.append(error)
            # One "not found" may be an error of the source's; the second one is believed.
            denied = len(failures) > 1 and all(isinstance(e, NotFoundError) for e in failures[-2:])
            pause = self._pause * 2 ** (len(failures) - 1) * random.uniform(1.0, 1.2)
            late = time.monotonic() + pause >= state.deadline
            if denied or late or len(failures) == TRIES:
                raise failures[-1]
            time.sleep(pause)
