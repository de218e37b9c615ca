"""Who may send files: pages on which a developer is signed in."""

from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import error_response
from app.web.guards import UPLOADS
from core.foundation.messages import Message

_VIEWER = Message("http.upload-by-viewer", "Only a signed-in developer may upload files.")


class OwnUploads:
    """Refuses a file before its first byte is read, unless a developer's page sends it.

    Streamlit itself keeps whatever the page of any reader sends, until that page is closed.

    Parameters
    ----------
    app : what takes the file.
    may_act : whether the cookies of a request, each with its page's key, are a developer's.
    """

    def __init__(self, app: ASGIApp, may_act: Callable[[Mapping[str, str]], bool]) -> None:
        self._app, self._may_act = app, may_act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(UPLOADS):
            cookies = Request(scope).cookies
            if not await run_in_threadpool(self._may_act, cookies):
                await error_response(403, _VIEWER)(scope, receive, send)
                return
        await self._app(scope, receive, send)
