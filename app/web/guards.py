"""What every request passes before anything else: size and headers, and how it is refused."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import error_response
from core.foundation import messages
from core.foundation.http_protocol import MAX_HEADER_BYTES

_REFUSALS = {
    "Invalid host header": messages.Message(
        "http.other-host", "The Host header names no host of this app."
    ),
    "Bad Request": messages.Message("http.path-unreadable", "The path cannot be read."),
}
MAX_BODY_BYTES = 1024 * 1024
MAX_UPLOAD_BYTES = 10 * 1024 * 1024
UPLOADS = "/_stcore/upload_file/"
_FORM_BYTES = 64 * 1024  # that a browser writes around a file
# Streamlit's front end compiles and styles at run time, hence the two "unsafe" words; nothing may
# come from or go to another address.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: data: blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # With "no-referrer" the form of our own sign-in page would be sent with the Origin "null".
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class SecurityHeaders:
    """Adds the headers that keep other sites out of the pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                taken = {name.lower() for name, _ in message["headers"]}
                added = [pair for pair in _HEADERS if pair[0] not in taken]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class ApiRefusals:
    """Says in the one shape of an error what others refuse under /api in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith("/api/"):
            await self._app(scope, receive, send)
            return
        refused = 0
        text = b""

        async def reshaped(message: Message) -> None:
            nonlocal refused, text
            if message["type"] == "http.response.start" and _is_plain_refusal(message):
                refused = message["status"]
            elif not refused:
                await send(message)
            else:
                text += message.get("body", b"")
                if not message.get("more_body", False):
                    reason = text.decode(errors="replace").strip().rstrip(".")
                    sentence = _REFUSALS.get(reason) or _refusal(reason)
                    await error_response(refused, sentence)(scope, receive, send)

        await self._app(scope, receive, reshaped)


class HeaderLimit:
    """Refuses requests whose first line and headers are over `MAX_HEADER_BYTES` together.

    The protocol's own limit holds only for what has not come to its end when it is looked at.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _head_bytes(scope) > MAX_HEADER_BYTES:
            sentence = messages.Message(
                "http.headers-too-large",
                "The headers are larger than {most} KB.",
                {"most": MAX_HEADER_BYTES // 1024},
            )
            await error_response(431, sentence, "headers")(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses request bodies over `MAX_BODY_BYTES`, whatever length they claim.

    A file that is uploaded may have `MAX_UPLOAD_BYTES`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"].startswith(UPLOADS)
        limit = MAX_UPLOAD_BYTES + _FORM_BYTES if is_upload else MAX_BODY_BYTES
        claimed = dict(scope["headers"]).get(b"content-length", b"0")
        if not claimed.isdigit() or int(claimed) > limit:
            await _too_large(is_upload)(scope, receive, send)
            return
        body: list[Message] = []
        size, more = 0, b"transfer-encoding" in dict(scope["headers"]) or int(claimed) > 0
        while more:
            message = await receive()
            body.append(message)
            size += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
            if size > limit:
                await _too_large(is_upload)(scope, receive, send)
                return

        async def replay() -> Message:
            return body.pop(0) if body else await receive()

        await self._app(scope, replay, send)


def _is_plain_refusal(start: Message) -> bool:
    kind = dict(start["headers"]).get(b"content-type", b"text/plain")
    return bool(start["status"] >= 400 and kind.startswith(b"text/plain"))


def _head_bytes(scope: Scope) -> int:
    """The size of a request up to its body, as it is written: lines end with two bytes."""
    query = len(scope["query_string"]) + 1 if scope["query_string"] else 0
    line = len(f"{scope['method']}  HTTP/1.1\r\n") + len(scope.get("raw_path", b"")) + query
    return line + sum(len(name) + len(value) + 4 for name, value in scope["headers"]) + 2


def _too_large(is_upload: bool) -> ASGIApp:
    sentence = messages.Message("http.body-too-large", "The request body is larger than 1 MB.")
    if is_upload:
        sentence = messages.Message(
            "http.upload-too-large",
            "The file is larger than {most} MB.",
            {"most": MAX_UPLOAD_BYTES // 1024**2},
        )
    return error_response(413, sentence, "body")


def _refusal(reason: str) -> messages.Message:
    if not reason:
        return messages.Message("http.refused-silently", "The request was refused.")
    return messages.Message("http.refused", "{reason}.", {"reason": reason})
