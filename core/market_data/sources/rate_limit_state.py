"""The state of a rate limiter and circuit breaker that several processes share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RateLimitState:
    """Instants in seconds since 1970, 0.0 where there is none.

    `next_at` is when the next request may go out. `rest_until` and `rest_seconds` are the end and
    the length of the latest rest, during which the circuit breaker is open. `since` is when the
    first of several rests in a row began. `kind` is its reason: the type of error. Until
    `trial_until` a single request is on trial for all processes.
    """

    next_at: float = 0.0
    rest_until: float = 0.0
    rest_seconds: float = 0.0
    trial_until: float = 0.0
    since: float = 0.0
    kind: str = ""
