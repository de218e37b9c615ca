"""Who may ask from where: pages of this very origin, and programs that are no browser's page."""

import re
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import error_response
from core.foundation.messages import Message
from core.foundation.printable import printable

_PLAIN = ("GET", "HEAD")
_OURS = ("same-origin", "none")  # what Sec-Fetch-Site says of our own pages and of a typed address
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_PORTS = {"http": "80", "https": "443"}
_ORIGIN = re.compile(r"(https?)://([\w.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", re.ASCII)

_NO_ORIGIN = Message(
    "http.closed-without-origin",
    "This is not open to a request without an Origin; only the app's own pages may ask.",
)
_FOREIGN = Message(
    "http.closed-to-foreign",
    "This is not open to a page of another origin; only the app's own pages may ask.",
)


class SameOrigin:
    """Lets pass what this app's own pages ask for, and what no page of another origin can send.

    It stands before everything that answers. Streamlit compares host names alone, and asks an
    address outside about those it does not know.

    Parameters
    ----------
    app : what answers the rest.
    knows : whether a bearer token is somebody's.
    """

    def __init__(self, app: ASGIApp, knows: Callable[[str], bool]) -> None:
        self._app, self._knows = app, knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        here = _origin(f"{_SCHEMES.get(scope['scheme'], '')}://{hosts[0]}") if hosts else None
        if here is None or len(hosts) > 1:
            sentence = Message("http.no-host", "The Host header names no host, or several.")
            await error_response(400, sentence, "host")(scope, receive, send)
        elif origins and (len(origins) > 1 or _origin(origins[0]) != here):
            refusal = Message(
                "http.closed-to-origin",
                'This is not open to a page of "{origin}"; only the app\'s own pages may ask.',
                {"origin": printable(origins[0], 80)},
            )
            await _refuse(refusal)(scope, receive, send)
        elif not origins and not self._needs_none(scope, headers):
            await _refuse(_NO_ORIGIN)(scope, receive, send)
        elif _is_foreign(scope, headers):
            await _refuse(_FOREIGN)(scope, receive, send)
        else:
            await self._app(_agreeing(scope, origins), receive, send)

    def _needs_none(self, scope: Scope, headers: Headers) -> bool:
        """Whether the request may come without an Origin, which browsers send with all but
        plain requests."""
        if scope["type"] == "http" and (scope["method"] in _PLAIN or "cookie" not in headers):
            return True
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self._knows(token)


def _origin(text: str) -> tuple[str, str, str] | None:
    """Scheme, host and port of an origin, the default port filled in; None if it is none."""
    found = _ORIGIN.fullmatch(text.lower())
    return found and (found[1], found[2], found[3] or _PORTS[found[1]])


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether the browser says that another page asks, other than by a link to one of ours."""
    if scope["type"] != "http" or headers.get("sec-fetch-site", _OURS[0]) in _OURS:
        return False
    followed = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    return scope["method"] not in _PLAIN or followed != ("navigate", "document")


def _agreeing(scope: Scope, origins: list[str]) -> Scope:
    """The request with the Host written as its Origin writes it, which Streamlit wants to the
    letter."""
    if not origins:
        return scope
    host = origins[0].partition("://")[2].encode("latin-1")
    rest = [pair for pair in scope["headers"] if pair[0] != b"host"]
    return {**scope, "headers": [(b"host", host), *rest]}


def _refuse(sentence: Message) -> ASGIApp:
    return error_response(403, sentence, "origin")
