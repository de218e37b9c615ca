"""The small HTTP server of the exporter: one page of metrics, for known host names only."""

import errno
import socket
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from core.errors import InvalidInputError

_TEXT = "text/plain; charset=utf-8"
_HINT = b"The exporter of TickerLens; its figures are at /metrics.\n"
_PATIENCE_SECONDS = 10  # for a client that has connected and says nothing


class MetricsServer(ThreadingHTTPServer):
    """Listens once made; answers from `registry` once `serve_forever` is called.

    Parameters
    ----------
    host, port : the only address listened on.
    names : host names answered to, as the app takes them: "*" and "*.example.com" are patterns.

    Raises
    ------
    InvalidInputError : the address cannot be listened on; names the setting that moves it.
    """

    daemon_threads = True

    def __init__(
        self, host: str, port: int, names: Iterable[str], registry: CollectorRegistry
    ) -> None:
        self.names = tuple(names)
        self.registry = registry
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            self.address_family = found[0][0]
            super().__init__((host, port), _Handler)
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise InvalidInputError(
                    f"TICKERLENS_HOST is {host}, which is no address of this machine.", "host"
                ) from None
            raise InvalidInputError(
                f"Port {port} on {host} cannot be used ({error.strerror}); "
                "choose another one with TICKERLENS_EXPORTER_PORT.",
                "exporter_port",
            ) from None

    def server_bind(self) -> None:
        """Bind without asking a name server who this is, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def knows(self, header: str) -> bool:
        """Whether a Host header names one of `names`."""
        try:
            host = urlsplit(f"//{header}").hostname or ""
        except ValueError:
            return False
        return any(
            host == name or (name.startswith("*") and host.endswith(name[1:]))
            for name in self.names
        )


class _Handler(BaseHTTPRequestHandler):
    server: MetricsServer
    timeout = _PATIENCE_SECONDS
    server_version, sys_version = "TickerLens", ""

    def do_GET(self) -> None:
        """Answer /metrics, and a hint at the root."""
        path = urlsplit(self.path).path
        if not self.server.knows(self.headers.get("Host", "")):
            self._answer(HTTPStatus.BAD_REQUEST, _TEXT, b"Invalid host header\n")
        elif path == "/metrics":
            body = generate_latest(self.server.registry)
            self._answer(HTTPStatus.OK, CONTENT_TYPE_PLAIN_0_0_4, body)
        elif path == "/":
            self._answer(HTTPStatus.OK, _TEXT, _HINT)
        else:
            self._answer(HTTPStatus.NOT_FOUND, _TEXT, b"Not found; see /metrics.\n")

    def log_message(self, format: str, *arguments: object) -> None:
        """Scrapes are not written down."""

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)
