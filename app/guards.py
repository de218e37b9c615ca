"""What every request passes before anything else: size and headers."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import answer

MAX_BODY_BYTES = 1024 * 1024
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
    (b"referrer-policy", b"no-referrer"),
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


class BodyLimit:
    """Refuses request bodies over `MAX_BODY_BYTES`, whatever length they claim."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        claimed = dict(scope["headers"]).get(b"content-length", b"0")
        if not claimed.isdigit() or int(claimed) > MAX_BODY_BYTES:
            await _too_large()(scope, receive, send)
            return
        body: list[Message] = []
        size, more = 0, b"transfer-encoding" in dict(scope["headers"]) or int(claimed) > 0
        while more:
            message = await receive()
            body.append(message)
            size += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
            if size > MAX_BODY_BYTES:
                await _too_large()(scope, receive, send)
                return

        async def replay() -> Message:
            return body.pop(0) if body else await receive()

        await self._app(scope, replay, send)


def _too_large() -> ASGIApp:
    return answer(413, "The request body is larger than 1 MB.", "body")
