"""The state of a rate limiter and circuit breaker that several processes share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RateLimitState:
    """Instants in seconds since 1970, 0.0 where there is none.

    `next_at` is when the next request may go out. `rest_until` and `rest_seconds` are of the
    latest rest, `since` is when the first of those in a row began, and `kind` says why: the
    type of error. Until `trial_until` one asks on trial for all.
    """

    next_at: float = 0.0
    rest_until: float = 0.0
    rest_seconds: float = 0.0
    trial_until: float = 0.0
    since: float = 0.0
    kind: str = ""
