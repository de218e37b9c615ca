"""Requests that never end, or never stop growing: the web server gives them up, and no others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit

from app.launcher.processes import HTTP, processes
from core.foundation.settings import Settings
from tests.house.tree import ROOT
from tests.support.chromium import served
from tests.support.half_open import answer_to, still_open
from tests.support.http import ask, handshake

pytestmark = pytest.mark.slow

HOST = b"Host: 127.0.0.1\r\n"
GET, POST = b"GET /_stcore/health HTTP/1.1\r\n" + HOST, b"POST /api/predict HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
STREAM = b"GET /_stcore/stream HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + HOST
HALVES = [
    b"",
    b"\r\n",
    b"GET / HT",
    GET,
    GET + b"X: y",
    GET + b"\r\n" + GET,  # half a second request after a whole one
    POST + b"Content-Length: 100\r\n\r\n" + b"{" * 10,
    POST + b"Content-Length: 99999999\r\n\r\n" + b"{" * 10,  # refused before it was sent
    CHUNKED,
    CHUNKED + b"5\r\n{",
    CHUNKED + b"1\r\n{\r\n0\r\nX: y",
    STREAM,
    STREAM + b"Origin: http://127.0.0.1",
]
TRICKLES = [
    (b"", b"\r\n"),
    (GET + b"\r\n", b"\r\n"),
    (GET + b"X: ", b"a"),
    (POST + b"Content-Length: 9999\r\n\r\n", b"{"),
    (CHUNKED + b"ffff\r\n", b"{"),
    (STREAM, b"X: y\r\n"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("bounds")) as found:
        yield found


def unread() -> bytes:
    """Requests for more than any system keeps for a client that reads nothing."""
    static = Path(streamlit.__file__).with_name("static") / "static" / "js"
    largest = max(static.iterdir(), key=lambda path: path.stat().st_size)
    return (b"GET /static/js/%s HTTP/1.1\r\n%s\r\n" % (largest.name.encode(), HOST)) * 60


@pytest.mark.soak
def test_what_never_ends_is_given_up_300_of_them_at_once(address: str) -> None:
    silent = [(half, b"") for half in (*HALVES, unread(), *[GET] * 300)]
    assert still_open(address, [*silent, *TRICKLES]) == []
    assert ask(address, "GET", "/api/health").status == 200


@pytest.mark.parametrize(
    "endless",
    [
        (GET + b"X: ", b"a" * 65536, b"\r\n\r\n"),
        (GET, b"X: " + b"a" * 1000 + b"\r\n", b"\r\n"),
        (CHUNKED + b"2\r\n{}\r\n0\r\nX: ", b"a" * 65536, b"\r\n\r\n"),
        (CHUNKED + b"2;", b"a" * 65536, b"\r\n{}\r\n0\r\n\r\n"),
    ],
    ids=["one header", "many headers", "trailer", "chunk extension"],
)
def test_what_never_stops_growing_is_refused(
    address: str, endless: tuple[bytes, bytes, bytes]
) -> None:
    first, again, last = endless
    parts = (first, *[again] * (60_000_000 // len(again)), last)
    response = answer_to(address, parts)
    assert not response or response.split()[1] in (b"400", b"413", b"431")


def test_many_cookies_and_pipelined_requests_are_taken(address: str) -> None:
    cookies = b"Cookie: " + b"; ".join(b"c%d=%s" % (n, b"x" * 500) for n in range(80)) + b"\r\n"
    response = answer_to(address, [GET + cookies + b"\r\n", GET + b"Connection: close\r\n\r\n"])
    assert response.count(b"HTTP/1.1 200 OK") == 2


def test_every_way_to_start_the_app_is_bounded() -> None:
    compose, image = ((ROOT / name).read_text() for name in ("docker-compose.yml", "Dockerfile"))
    assert " ".join(HTTP) in compose and ", ".join(f'"{word}"' for word in HTTP) in image
    app = next(one for one in processes(Settings()) if one.name == "app")
    assert " ".join(HTTP) in " ".join(app.command)


def test_plain_uvicorn_serves_it_too(tmp_path: Path) -> None:
    with served(tmp_path, http=()) as plain:
        assert ask(plain, "GET", "/api/health").status == 200
        assert handshake(plain, Origin=plain).status == 101
