"""The exporter's web server: one page of metrics, for known host names only."""

import errno
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import uvicorn
from prometheus_client import CollectorRegistry, make_asgi_app
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.foundation.errors import InvalidInputError
from core.foundation.http_protocol import BoundedProtocol

_HINT = PlainTextResponse("The exporter of TickerLens; its figures are at /metrics.\n")
_UNKNOWN = PlainTextResponse("Not found; see /metrics.\n", 404)
_READ_ONLY = PlainTextResponse("Only GET is answered.\n", 501)


def listen(host: str, port: int) -> socket.socket:
    """Take the only address that is listened on; who asks before `serve` waits.

    Raises
    ------
    InvalidInputError : the address cannot be listened on; names the setting that moves it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return socket.create_server((host, port), family=found[0][0])
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise InvalidInputError(
                "host.not-ours",
                "TICKERLENS_HOST is {host}, which is no address of this machine.",
                {"host": host},
                parameter="host",
            ) from None
        raise InvalidInputError(
            "port.taken",
            "Port {port} on {host} cannot be used ({reason}); choose another one with {setting}.",
            {
                "port": port,
                "host": host,
                "reason": error.strerror,
                "setting": "TICKERLENS_EXPORTER_PORT",
            },
            parameter="exporter_port",
        ) from None


def serve(listening: socket.socket, names: Iterable[str], registry: CollectorRegistry) -> None:
    """Answer from `registry` until the process ends.

    Parameters
    ----------
    names : host names answered to, as the app takes them: "*" and "*.example.com" are patterns.
    """
    config = uvicorn.Config(
        TrustedHostMiddleware(_pages(registry), allowed_hosts=list(names)),
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # scrapes, and clients that went away, are no news
        access_log=False,
        server_header=False,
        headers=[("X-Content-Type-Options", "nosniff")],
    )
    _Server(config).run([listening])


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the program, which ends at once."""
        yield


def _pages(registry: CollectorRegistry) -> ASGIApp:
    pages: dict[str, ASGIApp] = {"/metrics": make_asgi_app(registry), "/": _HINT}

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        page = pages.get(scope["path"], _UNKNOWN) if scope["method"] == "GET" else _READ_ONLY
        await page(scope, receive, send)

    return respond
