"""How often one address, and one token, may ask for what is dear or may be guessed."""

import ipaddress
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import error_response
from app.web.callers import client_address
from app.web.guards import UPLOADS
from core.foundation.keys.key_files import digest
from core.foundation.messages import Message
from core.foundation.settings import NO_LIMIT, Settings

SIGN_IN = ("/api/signin", "/oauth2callback")
TRAIN = "/api/train"
_MEMORY, _PREFIX = "memory://", "tickerlens:rates"
_TIMEOUT_SECONDS, _REST_SECONDS = 0.25, 10.0
_log = logging.getLogger(__name__)


class Rates:
    """Counts what was asked, in this process or in the Redis that processes share.

    While Redis does not answer, each process counts by itself.

    Parameters
    ----------
    url : of Redis; in this process if empty.
    """

    def __init__(self, url: str = "") -> None:
        self._own = MovingWindowRateLimiter(storage_from_string(_MEMORY))
        self._shared = self._own
        self._resting_until = -math.inf
        if url:
            storage = storage_from_string(
                url,
                socket_timeout=_TIMEOUT_SECONDS,
                socket_connect_timeout=_TIMEOUT_SECONDS,
                wrap_exceptions=True,
                key_prefix=_PREFIX,
            )
            self._shared = MovingWindowRateLimiter(storage)

    def wait_seconds(self, rate: str, *names: str) -> int:
        """Count one more if there may be one; else the seconds until there may, at least 1."""
        return 0 if rate == NO_LIMIT else self._counted(_hit, parse(rate), names)

    def spent_seconds(self, rate: str, *names: str) -> int:
        """As `wait_seconds`, without counting."""
        return 0 if rate == NO_LIMIT else self._counted(_test, parse(rate), names)

    def _counted(self, ask: "_Ask", item: RateLimitItem, names: tuple[str, ...]) -> int:
        if time.monotonic() >= self._resting_until:
            try:
                return ask(self._shared, item, names)
            except StorageError as error:
                self._resting_until = time.monotonic() + _REST_SECONDS
                _log.warning("rates are counted in this process: %s", error.storage_error)
        return ask(self._own, item, names)


_Ask = Callable[[MovingWindowRateLimiter, RateLimitItem, tuple[str, ...]], int]


def _hit(limiter: MovingWindowRateLimiter, item: RateLimitItem, names: tuple[str, ...]) -> int:
    return 0 if limiter.hit(item, *names) else _until(limiter, item, names)


def _test(limiter: MovingWindowRateLimiter, item: RateLimitItem, names: tuple[str, ...]) -> int:
    return 0 if limiter.test(item, *names) else _until(limiter, item, names)


def _until(limiter: MovingWindowRateLimiter, item: RateLimitItem, names: tuple[str, ...]) -> int:
    reset = limiter.get_window_stats(item, *names).reset_time
    return max(1, math.ceil(reset - time.time()))


@dataclass(frozen=True)
class _Counted:
    """One count that a request adds to."""

    rate: str
    names: tuple[str, ...]


class RateLimits:
    """Refuses with 429 and a Retry-After what is asked too often.

    Sign-ins count for the address, trainings for the token, or for the address where no token that
    is known comes along, uploads for the address and the session.

    Parameters
    ----------
    app : what answers the rest.
    rates : where it is counted.
    settings : how often each may be.
    cookie : the name of the one that says which session it is.
    knows : whether a token is somebody's.
    """

    def __init__(
        self,
        app: ASGIApp,
        rates: Rates,
        settings: Settings,
        cookie: str,
        knows: Callable[[str], bool],
    ) -> None:
        self._app, self._rates, self._settings = app, rates, settings
        self._cookie, self._knows = cookie, knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counted = scope["type"] == "http" and _is_counted(scope["path"])
        counts = await run_in_threadpool(list, self._counts(scope)) if counted else []
        for one in counts:
            wait = await run_in_threadpool(self._rates.wait_seconds, one.rate, *one.names)
            if wait:
                await _too_often(wait)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _counts(self, scope: Scope) -> Iterator[_Counted]:
        path, address = scope["path"].rstrip("/"), network(client_address(scope))
        if path in SIGN_IN and (scope["method"] != "GET" or scope["query_string"]):
            yield _Counted(self._settings.signin_rate, ("sign-in", address))
        elif path == TRAIN and scope["method"] == "POST":
            token = _bearer(scope)
            known = token is not None and self._knows(token)
            # So that whoever has none uses up nobody else's.
            name = ("train-token", digest(token or "")) if known else ("train", address)
            yield _Counted(self._settings.train_rate, name)
        elif scope["path"].startswith(UPLOADS) and scope["method"] != "OPTIONS":
            yield _Counted(self._settings.upload_rate, ("upload", address))
            session = Request(scope).cookies.get(self._cookie, "")
            if session:
                yield _Counted(self._settings.upload_rate, ("upload-session", digest(session)))


def _is_counted(path: str) -> bool:
    """Whether requests to a path may be; all others pass without a thread to look at them."""
    return path.rstrip("/") in (*SIGN_IN, TRAIN) or path.startswith(UPLOADS)


class GuessLimit:
    """Refuses unknown bearer tokens from an address that has sent too many of them.

    Parameters
    ----------
    app : what answers the rest.
    rates : where it is counted.
    rate : how many unknown ones there may be.
    knows : whether a token is somebody's.
    refused : called when one is nobody's.
    """

    def __init__(
        self,
        app: ASGIApp,
        rates: Rates,
        rate: str,
        knows: Callable[[str], bool],
        refused: Callable[[], None],
    ) -> None:
        self._app, self._rates, self._rate = app, rates, rate
        self._knows, self._refused = knows, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            token = _bearer(scope)
            if token is not None:
                address = network(client_address(scope))
                wait = await run_in_threadpool(self._guess, token, address)
                if wait:
                    await _too_often(wait)(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    def _guess(self, token: str, address: str) -> int:
        # A known one passes: a token of 32 random bytes is not guessed, and whoever sends wrong
        # ones from the same address would shut its holder out.
        if self._knows(token):
            return 0
        wait = self._rates.wait_seconds(self._rate, "guess", address)
        if not wait:
            self._refused()
        return wait


def network(address: str) -> str:
    """What counts as one address: of IPv6 the /64, which one person has all of."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _bearer(scope: Scope) -> str | None:
    """The token of a request; None if it sends none."""
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _too_often(seconds: int) -> ASGIApp:
    sentence = Message(
        "http.too-often",
        "This was asked too often; ask again in {seconds} s.",
        {"seconds": seconds},
    )
    return error_response(429, sentence, headers={"Retry-After": str(seconds)})
