"""Says which launch an app belongs to: two on one port cannot be told apart otherwise."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "TickerLens-Launch"
PATH = "/api/health"


class Launched:
    """Adds the name of the launch to what the app says of its health, be that good or bad."""

    def __init__(self, app: ASGIApp, launch: str) -> None:
        self._app, self._launch = app, launch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = self._launch
            await send(message)

        await self._app(scope, receive, named)
