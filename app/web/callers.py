"""From where a request comes, so that what it does goes on record with it."""

from starlette.types import ASGIApp, Receive, Scope, Send

from core.foundation.keys.caller import Caller, Entrance, called_from

LOOPBACK = "127.0.0.1"


class KnownCallers:
    """Lets what a request does be noted with its client's address.

    That is the other end of the connection, or what a proxy says of it whose word uvicorn takes
    (`FORWARDED_ALLOW_IPS`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with called_from(Caller(Entrance.API, client_address(scope))):
            await self._app(scope, receive, send)


def client_address(scope: Scope) -> str:
    """The network address of who asks; one of this machine where there is none, as on a socket
    file."""
    client = scope.get("client")
    return str(client[0]) if client and client[0] else LOOPBACK
