"""The half of a session that only pages of this very origin hold.

A browser sends a cookie to every port of its host, so whatever listens on another one can read it
and send it by hand. What a page stores is its origin's alone: the cookie opens nothing without it.
"""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.guards import UPLOADS

HEADER = "tickerlens-page"
STORED = "tickerlens_page"
_PREFIX = "tickerlens."
# Streamlit's own script opens the stream, and of what it sends a page can add to this list alone.
# A file goes beside the stream, by a request that takes a header more.
_SCRIPT = f"""<script>(() => {{
const Plain = window.WebSocket, open = XMLHttpRequest.prototype.open;
const keyFor = (address) => {{
  let key = null;
  try {{ key = localStorage.getItem("{STORED}"); }} catch {{}}
  const own = new URL(address, location.href).host === location.host;
  return own && /^[\\w-]+$/.test(key ?? "") ? key : null;
}};
window.WebSocket = class extends Plain {{
  constructor(address, names = []) {{
    const key = keyFor(address);
    super(address, key ? [names, "{_PREFIX}" + key].flat() : names);
  }}
}};
XMLHttpRequest.prototype.open = function (method, address, ...more) {{
  open.call(this, method, address, ...more);
  const key = new URL(address, location.href).pathname.startsWith("{UPLOADS}") && keyFor(address);
  if (key) this.setRequestHeader("{HEADER}", key);
}};
}})();</script>""".encode()
_KEY = re.compile(r"[\w-]{1,64}", re.ASCII)
_NO_PAGES = ("/_stcore", "/api", "/component", "/media", "/metrics", "/static")
# A page kept by the browser may be one without the script, a packed one cannot be added to.
_ABOUT_COPIES = ("accept-encoding", "if-modified-since", "if-none-match", "if-range", "range")


class PageKey:
    """Gives each page the script that sends its key, and hands the key on with the cookie.

    Parameters
    ----------
    app : what draws the pages, and reads the cookie as `<cookie>.<key>`.
    cookie : its name.
    """

    def __init__(self, app: ASGIApp, cookie: str) -> None:
        self._app = app
        self._cookie = re.compile(rf"(?<![^; ])({cookie}=[^;]*)")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._app(self._joined(scope), receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(UPLOADS):
            headers = MutableHeaders(raw=list(scope["headers"]))
            self._join(headers, headers.getlist(HEADER))
            await self._app({**scope, "headers": headers.raw}, receive, send)
        elif _may_be_page(scope):
            headers = MutableHeaders(raw=list(scope["headers"]))
            for name in _ABOUT_COPIES:
                del headers[name]
            await self._app({**scope, "headers": headers.raw}, receive, _Scripted(send))
        else:
            await self._app(scope, receive, send)

    def _joined(self, scope: Scope) -> Scope:
        names = ",".join(Headers(scope=scope).getlist("sec-websocket-protocol")).split(",")
        others = [name.strip() for name in names if not name.strip().startswith(_PREFIX)]
        keys = [name.strip()[len(_PREFIX) :] for name in names if name.strip().startswith(_PREFIX)]
        headers = MutableHeaders(raw=list(scope["headers"]))
        if not self._join(headers, keys):
            return scope
        headers["sec-websocket-protocol"] = ", ".join(others)
        return {**scope, "headers": headers.raw, "subprotocols": others}

    def _join(self, headers: MutableHeaders, keys: list[str]) -> bool:
        """Write the one key behind the cookie; False if there is none, or several."""
        if len(keys) != 1 or not _KEY.fullmatch(keys[0]):
            return False
        if "cookie" in headers:
            headers["cookie"] = self._cookie.sub(rf"\1.{keys[0]}", headers["cookie"])
        return True


class _Scripted:
    """Sends an answer on, a page with the script in its head."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._whole(self._start)

    async def _whole(self, start: Message) -> None:
        body = self._body.replace(b"<head>", b"<head>" + _SCRIPT, 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        for name in ("etag", "last-modified", "accept-ranges"):
            del headers[name]
        headers["content-length"] = str(len(body))
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _may_be_page(scope: Scope) -> bool:
    plain = scope["type"] == "http" and scope["method"] == "GET"
    return plain and not scope["path"].startswith(_NO_PAGES)


def _is_page(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")
