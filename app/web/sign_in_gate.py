"""Where people must sign in to see anything: who passes, on each request and each message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import error_response
from core.foundation import messages

SIGN_IN = "/api/signin"
# What shows nothing that is stored: signing in and out, whether the app is up, the front end.
_OPEN = (SIGN_IN, "/api/signout", "/oauth2callback", "/oauth2signout", "/auth/login", "/static/")
_OPEN_EXACTLY = ("/api/health", "/_stcore/health", "/_stcore/host-config", "/favicon.png")
_STREAM = "/_stcore/stream"
_SIGNED_OUT = 1008  # what WebSocket calls a breach of policy
_BY_COOKIE = ("/media/", "/component/", "/_stcore/")
_CLOSED = messages.Message(
    "http.sign-in-first", "Nobody sees anything here without signing in; send a bearer token."
)


@dataclass(frozen=True)
class Locks:
    """What opens the door.

    Parameters
    ----------
    token : whether a bearer token is somebody's.
    session : whether the cookies of a page, the key behind, are somebody's.
    cookie : whether they belong to an open session, which pictures and files of a page must do,
        as browsers ask for them without its key.
    """

    token: Callable[[str], bool]
    session: Callable[[Mapping[str, str]], bool]
    cookie: Callable[[Mapping[str, str]], bool]


class SignInGate:
    """Lets nobody see anything who is not signed in; on an open page each message is asked again.

    Parameters
    ----------
    app : what is behind the gate.
    locks : what opens it.
    """

    def __init__(self, app: ASGIApp, locks: Locks) -> None:
        self._app, self._locks = app, locks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._stream(scope, receive, send)
        elif _is_open(scope["path"]) or await run_in_threadpool(self._passes, scope):
            await self._app(scope, receive, send)
        elif _is_page(scope):
            await RedirectResponse(SIGN_IN, 303)(scope, receive, send)
        else:
            refusal = error_response(401, _CLOSED, headers={"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await run_in_threadpool(self._passes, scope):
            await error_response(401, _CLOSED)(scope, receive, send)
            return

        is_over = False

        async def asked_again() -> Message:
            nonlocal is_over
            message = await receive()
            if message["type"] == "websocket.receive":
                is_over = is_over or not await run_in_threadpool(self._passes, scope)
            return {"type": "websocket.disconnect", "code": _SIGNED_OUT} if is_over else message

        async def until_over(message: Message) -> None:
            if not is_over:
                await send(message)

        await self._app(scope, asked_again, until_over)
        if is_over:
            await send({"type": "websocket.close", "code": _SIGNED_OUT})

    def _passes(self, scope: Scope) -> bool:
        asking = HTTPConnection(scope)
        scheme, _, token = asking.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._locks.token(token)
        if _is_page(scope) or scope["path"].startswith(_BY_COOKIE) and scope["path"] != _STREAM:
            return self._locks.cookie(asking.cookies)
        return self._locks.session(asking.cookies)


def _is_open(path: str) -> bool:
    return path in _OPEN_EXACTLY or any(
        path == one or path.startswith(one if one.endswith("/") else f"{one}/") for one in _OPEN
    )


def _is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, which is empty until its stream fills it."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    if scope["path"].startswith(("/api", "/metrics", "/_stcore", "/media", "/component")):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")
