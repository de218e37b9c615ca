"""The cache that processes share, in Redis; without it everything works, only slower."""

import hashlib
import time
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.foundation.errors import InvalidInputError, OfflineError

SETTING = "TICKERLENS_CACHE_URL"
PREFIX = "tickerlens:2:"  # a new number whenever values are written in another way
_TIMEOUT_SECONDS, _REST_SECONDS = 0.25, 5.0


def open_redis(url: str) -> redis.Redis:
    """A client of the Redis at an address, which nobody waits for long; raises as `RedisCache`."""
    try:
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ValueError
        return redis.Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise InvalidInputError(
            "redis.bad-address",
            "{setting} is not an address such as redis://:password@host:6379/0.",
            {"setting": SETTING},
            parameter=SETTING,
        ) from None


class RedisCache:
    """A `Cache` in Redis, for every process that names the same one.

    While it does not answer, or refuses, nothing is found there, and nobody waits for it again
    for some seconds.

    Parameters
    ----------
    url : redis://:password@host:6379/0, or rediss:// and unix://.
    prefix : what every key there begins with.

    Raises
    ------
    InvalidInputError : the address is of no such kind; a password in it is not repeated.
    """

    def __init__(self, url: str, prefix: str = PREFIX) -> None:
        self._redis = open_redis(url)
        self._prefix = prefix
        self._resting_until = 0.0

    def get(self, key: str) -> bytes | None:
        """See `core.foundation.caches.cache.Cache`."""
        if time.monotonic() < self._resting_until:
            return None
        try:
            found = self._redis.get(self._name(key))
        except (redis.RedisError, OSError):
            self._rest()
            return None
        try:
            return zlib.decompress(found) if isinstance(found, bytes) else None
        except zlib.error:  # somebody else's
            return None

    def set(self, key: str, value: bytes, seconds: float) -> None:
        """See `core.foundation.caches.cache.Cache`."""
        self.set_all({key: value}, seconds)

    def set_all(self, values: Mapping[str, bytes], seconds: float) -> None:
        """See `core.foundation.caches.cache.Cache`."""
        if time.monotonic() < self._resting_until:
            return
        try:
            sent = self._redis.pipeline(transaction=False)
            for key, value in values.items():
                small = zlib.compress(value, 1)
                sent.set(self._name(key), small, px=max(1, int(seconds * 1000)))
            sent.execute()
        except (redis.RedisError, OSError):
            self._rest()

    def reach(self) -> None:
        """See `core.foundation.caches.cache.Cache`; a password is not repeated."""
        try:
            self._redis.ping()
        except (redis.RedisError, OSError) as error:
            raise OfflineError(
                "redis.no-answer",
                "Redis does not answer, or refuses ({error}).",
                {"error": type(error).__name__},
                parameter=SETTING,
            ) from error

    def _rest(self) -> None:
        self._resting_until = time.monotonic() + _REST_SECONDS

    def _name(self, key: str) -> str:
        return self._prefix + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
