"""Requests written by hand, so that a browser or a library adds and mends nothing."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

_UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec_WebSocket_Protocol": "streamlit",
}


@dataclass(frozen=True)
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(
    address: str,
    method: str,
    path: str,
    body: bytes | Iterator[bytes] | None = None,
    **headers: str,
) -> Response:
    """Send one request; `_` in a header's name stands for `-`."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named, encode_chunked=isinstance(body, Iterator))
        got = connection.getresponse()
        return Response(got.status, got.headers, got.read())


def handshake(address: str, *pairs: tuple[str, str], **headers: str) -> Response:
    """Ask for Streamlit's stream; `pairs` are headers that may come several times."""
    return ask_again(address, *pairs, path="/_stcore/stream", **{**_UPGRADE, **headers})


def ask_again(
    address: str, *pairs: tuple[str, str], path: str = "/api/tickers", **headers: str
) -> Response:
    """GET with headers that may come several times."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        connection.putrequest("GET", path, skip_host="Host" in headers)
        for name, value in (*pairs, *headers.items()):
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        got = connection.getresponse()
        return Response(got.status, got.headers, b"" if got.status == 101 else got.read())
