"""How long and how much a web server of ours listens to one request, and the shape of a refusal;
uvicorn by itself sets no bounds."""

import json
import socket
import struct
from asyncio import TimerHandle, Transport
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.foundation.messages import Message

PROBLEM_TYPE = "application/problem+json"
# The titles of HTTP itself change with the version of Python.
PROBLEM_TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Request too slow",
    409: "Conflict",
    413: "Content too large",
    422: "Invalid input",
    429: "Too many requests",
    431: "Headers too large",
    500: "Unforeseen error",
    502: "Source failed",
    503: "Unavailable",
}

MAX_HEADER_BYTES = 64 * 1024
HEADER_SECONDS = 10.0
BODY_SECONDS = 20.0
STALLED_SECONDS = 20.0  # that a client may leave an answer lying unread
_SECONDS: dict[object, float] = {h11.IDLE: HEADER_SECONDS, h11.SEND_BODY: BODY_SECONDS}
_LATE = Message("http.too-slow", "The request did not arrive in time.")
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n" b"content-type: %s\r\n\r\n%s\n"


def problem_details(
    status: int, sentence: Message, parameter: str | None = None, instance: str | None = None
) -> dict[str, Any]:
    """An error as RFC 9457 has it, with our members `code` and `parameter`.

    Parameters
    ----------
    parameter : the name of what was wrong in the request; None if it was none.
    instance : a URI of this one occurrence; left out when None.

    Returns
    -------
    JSON-able. `type` and `title` say the kind, one for each status; `detail` is the sentence.
    """
    details = {
        "type": problem_type(status),
        "title": PROBLEM_TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": str(sentence),
        "code": sentence.code,
        "parameter": parameter,
    }
    return details if instance is None else {**details, "instance": instance}


def problem_type(status: int) -> str:
    """The address that explains a kind of error; "about:blank" of a rare one."""
    title = PROBLEM_TITLES.get(status)
    return "about:blank" if title is None else f"/api/docs#{title.lower().replace(' ', '-')}"


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 that gives up a client that sends too much, or too slowly, or reads nothing."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conn = h11.Connection(h11.SERVER, MAX_HEADER_BYTES)
        self._awaited: object = None
        self._timer: TimerHandle | None = None
        self._unread: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._restart_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._restart_timer()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._restart_timer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._restart_timer()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(STALLED_SECONDS, self._drop)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _restart_timer(self) -> None:
        """Time the part of a request that is waited for; its time runs on while it trickles in."""
        over = self.transport.is_closing() or self.transport.get_protocol() is not self
        awaited = None if over else self.conn.their_state
        if awaited is self._awaited:
            return
        self._awaited = awaited
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if awaited in _SECONDS:
            self._timer = self.loop.call_later(_SECONDS[awaited], self._give_up)

    def _too_slow(self) -> bytes:
        # Of a request without its headers nobody knows yet what it asks.
        api = self._awaited is h11.SEND_BODY and self.scope["path"].startswith("/api/")
        if not api:
            return _TOO_SLOW % (b"text/plain; charset=utf-8", str(_LATE).encode())
        details = problem_details(HTTPStatus.REQUEST_TIMEOUT, _LATE)
        return _TOO_SLOW % (PROBLEM_TYPE.encode(), json.dumps(details).encode())

    def _drop(self) -> None:
        # At once: otherwise the system would keep what was not read, and the connection with it.
        at_once = struct.pack("ii", 1, 0)
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.transport.abort()

    def _give_up(self) -> None:
        begun = self._awaited is h11.SEND_BODY or self.conn.trailing_data[0]
        if begun and (self.cycle is None or not self.cycle.response_started):
            self.transport.write(self._too_slow())
        self.transport.abort()
