"""The number of what several machines write, in the Redis that they share."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import redis

from core.foundation.caches.redis_cache import PREFIX, open_redis

T = TypeVar("T")
_REST_SECONDS = 5.0
_WRITING_SECONDS = 60  # so long one is thought to be at it that has not said that it is done
_BEGIN = """
redis.call('ZADD', KEYS[2], redis.call('TIME')[1] + ARGV[2], ARGV[1])
redis.call('SET', KEYS[1], ARGV[1])
"""
_END = """
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[1])
"""
_ASK = """
local now = redis.call('GET', KEYS[1])
if not now then
  now = ARGV[1]
  redis.call('SET', KEYS[1], now)
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', redis.call('TIME')[1])
return {now, redis.call('ZCARD', KEYS[2])}
"""


class RedisEdition:
    """An `Edition` in Redis.

    A writer that is killed is thought to be at it for a minute more. What is written while Redis is
    away gives no number, so who asks has to look for itself now and then, and whenever it was away.

    Parameters
    ----------
    url : as of `core.foundation.caches.redis_cache.RedisCache`.
    place : what the number tells of; the same word for all who share it.
    prefix : what every key there begins with.

    Raises
    ------
    InvalidInputError : the address is of no such kind; a password in it is not repeated.
    """

    def __init__(self, url: str, place: str, prefix: str = PREFIX) -> None:
        self._redis = open_redis(url)
        self._keys = (f"{prefix}edition:{place}", f"{prefix}writing:{place}")
        self._resting_until = 0.0

    def number(self) -> str | None:
        """See `core.foundation.caches.edition.Edition`."""
        found = self._reached(lambda: self._redis.get(self._keys[0]))
        if isinstance(found, bytes):
            return found.decode()
        number, _ = self._reached(self._ask) or (None, 0)
        return number

    def settled(self) -> str | None:
        """See `core.foundation.caches.edition.Edition`."""
        number, writing = self._reached(self._ask) or ("", 1)
        return None if writing else number

    @contextmanager
    def changing(self) -> Iterator[None]:
        """See `core.foundation.caches.edition.Edition`."""
        mine = secrets.token_hex(16)
        self._reached(lambda: self._redis.eval(_BEGIN, 2, *self._keys, mine, str(_WRITING_SECONDS)))
        try:
            yield
        finally:
            after = secrets.token_hex(16)
            self._reached(lambda: self._redis.eval(_END, 2, *self._keys, mine, after))

    def _ask(self) -> tuple[str, int]:
        """The number, drawn where there is none, and how many are writing."""
        found: Any = self._redis.eval(_ASK, 2, *self._keys, secrets.token_hex(16))
        return found[0].decode(), int(found[1])

    def _reached(self, work: Callable[[], T]) -> T | None:
        if time.monotonic() < self._resting_until:
            return None
        try:
            return work()
        except (redis.RedisError, OSError):
            self._resting_until = time.monotonic() + _REST_SECONDS
            return None
