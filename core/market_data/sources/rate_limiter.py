"""A rate limiter and a circuit breaker for requests to one source."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from core.market_data.sources.rate_limit_state import RateLimitState

Step = Callable[[RateLimitState], RateLimitState]
FIRST_SECONDS, LONGEST_SECONDS = 60.0, 900.0
_JITTER = 0.1
# Every trial takes less; one that does not end in time is of a process that was killed.
_TRIAL_SECONDS = 60.0
_LOOK_SECONDS = 0.25
# An instant further ahead than possible was written before the clock was set back. Two processes
# read the clock at slightly different instants, so a little more than that is allowed.
_SLACK_SECONDS = 60.0
_FURTHEST_SECONDS = 120.0


class RateLimitStore(Protocol):
    """Where the state of one source is kept, for all who ask it."""

    def read(self) -> RateLimitState:
        """The present state."""

    def change(self, step: Step) -> tuple[RateLimitState, RateLimitState]:
        """Replace the state by what `step` returns, atomically; gives the old state and the new.

        A state that `step` returns unchanged is not written.
        """


class OwnRateLimit:
    """A state that the threads of one process share."""

    def __init__(self) -> None:
        self._state = RateLimitState()
        self._lock = threading.Lock()

    def read(self) -> RateLimitState:
        """The present state."""
        return self._state

    def change(self, step: Step) -> tuple[RateLimitState, RateLimitState]:
        """Replace the state by what `step` returns for it."""
        with self._lock:
            before, self._state = self._state, step(self._state)
            return before, self._state


@dataclass(frozen=True)
class Permission:
    """Whether a ticker may be asked about; `trial` if the answer closes or reopens the breaker.

    If it is refused, `kind` says why the breaker is open, as `RateLimitState` has it.
    """

    granted: bool
    trial: bool = False
    kind: str = ""


class RateLimiter:
    """A limiter and a circuit breaker, shared by all who use the same store.

    When the breaker opens, nobody asks for a minute. Each further rest is twice as long, up to 15
    minutes. Up to a tenth is added at random, so that not all processes come back at once. After a
    rest, one ticker is asked for on trial while the others wait. If it succeeds the breaker closes
    for all; if it fails the next rest begins.

    Parameters
    ----------
    rate : requests a second; 0 for as many as one likes.
    clock : seconds since 1970, the same clock for all who share the store.
    """

    def __init__(
        self,
        store: RateLimitStore | None = None,
        rate: float = 0.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = OwnRateLimit() if store is None else store
        self._gap = 1.0 / rate if rate else 0.0
        self._clock, self._sleep = clock, sleep

    def enter(self) -> Permission:
        """Permission to ask about one ticker; waits while another is on trial."""
        while True:
            now = self._clock()
            found = self._store.read()
            if not found.rest_seconds:
                return Permission(True)
            if _rests(found, now):
                return _refused(found)
            before, after = self._store.change(lambda one: _tried(one, now))
            if after is not before:
                return Permission(True, trial=True)
            self._sleep(_LOOK_SECONDS)

    def acquire(self) -> tuple[Permission, float]:
        """Wait until one request may go out; gives the permission and the seconds waited."""
        if not self._gap:
            found = self._store.read()
            return (_refused(found) if _rests(found, self._clock()) else Permission(True)), 0.0
        now = self._clock()
        before, after = self._store.change(lambda one: self._booked(one, now))
        if after is before:
            return _refused(before), 0.0
        wait = max(0.0, after.next_at - self._gap - now)
        if wait:
            self._sleep(wait)
            found = self._store.read()  # another process may have been refused meanwhile
            if _rests(found, self._clock()):
                return _refused(found), wait
        return Permission(True), wait

    def trip(self, kind: str) -> None:
        """Begin a rest for all, unless one has begun already."""
        now, longer = self._clock(), random.uniform(1.0, 1.0 + _JITTER)

        def step(one: RateLimitState) -> RateLimitState:
            if _rests(one, now):
                return one
            seconds = min(2 * one.rest_seconds, LONGEST_SECONDS) or FIRST_SECONDS
            until, since = now + seconds * longer, one.since or now
            return RateLimitState(one.next_at, until, seconds, 0.0, since, kind)

        self._store.change(step)

    def renew(self) -> None:
        """Close the circuit breaker after an answer; the next rest is the shortest again."""
        now = self._clock()
        if self._store.read().rest_seconds:
            # During a rest, an answer belongs to a request that was sent before.
            self._store.change(
                lambda one: one if _rests(one, now) else RateLimitState(next_at=one.next_at)
            )

    def _booked(self, one: RateLimitState, now: float) -> RateLimitState:
        if _rests(one, now):
            return one
        ahead = max(0.0, one.next_at - now)
        slot = now + (ahead if ahead < _FURTHEST_SECONDS else 0.0)
        return replace(one, next_at=slot + self._gap)


def _rests(one: RateLimitState, now: float) -> bool:
    """Whether it is too early to ask."""
    return now < one.rest_until <= now + LONGEST_SECONDS * (1.0 + _JITTER) + _SLACK_SECONDS


def _tried(one: RateLimitState, now: float) -> RateLimitState:
    """The state with a trial begun; unchanged while a trial runs, during a rest, or without one."""
    running = now < one.trial_until <= now + _TRIAL_SECONDS + _SLACK_SECONDS
    if running or _rests(one, now) or not one.rest_seconds:
        return one
    return replace(one, trial_until=now + _TRIAL_SECONDS)


def _refused(one: RateLimitState) -> Permission:
    return Permission(False, kind=one.kind)
