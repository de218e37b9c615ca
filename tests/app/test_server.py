"""Every way into the app: open to all by intent, or shut without a token; shut to other sites."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chromium import NO_RATES, served
from tests.support.http import Response, ask, handshake
from tests.support.outbound import outbound, watched
from tests.support.routes import SOCKET, doors_of_the_app

pytestmark = pytest.mark.slow

# What reads, or signs in. A way in that is added is added here too, or asks who is there.
API = {
    *(("GET", f"/api/{name}") for name in ("health", "tickers", "experiments", "drift", "docs")),
    *(("GET", f"/api/{name}/{{ticker}}") for name in ("history", "forecasts")),
    *(("GET", f"/api/{name}") for name in ("runs/{id}", "signin", "signout", "openapi.json")),
    ("GET", "/api/signin/provider"),
    *(("HEAD", "/api/openapi.json"), ("GET", "/metrics"), ("HEAD", "/metrics")),
    *(("POST", "/api/predict"), ("POST", "/api/signin")),
}
# Streamlit's own: the files of its pages, how it is, and where it sends who would sign in.
_READ = ("health", "metrics", "host-config", "agent/openapi.json", "bidi-components/{path:path}")
PAGES = {
    *((method, f"/_stcore/{name}") for name in _READ for method in ("GET", "HEAD")),
    *((method, path) for path in ("/x", "/component/{path:path}") for method in ("GET", "HEAD")),
    *((method, "/media/{file_id:path}") for method in ("GET", "HEAD")),
    *((method, f"/auth/{name}") for name in ("login", "logout") for method in ("GET", "HEAD")),
    *((method, "/oauth2callback") for method in ("GET", "HEAD")),
}
_SWITCHED_OFF = "/_stcore/agent/mcp"  # answers 400 in its own words
_VALUES = {"{ticker}": "AAPL", "{id}": "1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doors")


@pytest.fixture(scope="module")
def doors(folder: Path) -> set[tuple[str, str]]:
    found = doors_of_the_app(folder / "listed")
    assert len(found) > 60 and {("POST", "/api/train"), (SOCKET, "/_stcore/stream")} <= found
    return found


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder / "home", **NO_RATES, **watched(folder / "watched")) as found:
        yield found


def knock(address: str, method: str, path: str, **headers: str) -> Response:
    if method == SOCKET:
        return handshake(address, **headers)
    for name, value in _VALUES.items():
        path = path.replace(name, value)
    return ask(address, method, path.partition("{")[0], **headers)


def test_what_is_not_meant_for_all_is_shut_without_a_token(
    address: str, doors: set[tuple[str, str]]
) -> None:
    shut = {}
    for method, path in doors - API - PAGES:
        response = knock(address, method, path)
        if method == "OPTIONS" and response.status == 204 and response.body == b"":
            continue  # says what may be asked, and is asked by nobody else's page
        if path == _SWITCHED_OFF and response.status == 400:
            assert b"not_available" in response.body
            continue
        shut[method, path] = response.status
    assert shut["POST", "/api/train"] == 401 and shut[SOCKET, "/_stcore/stream"] == 403
    assert {key: one for key, one in shut.items() if one not in (401, 403, 405)} == {}


def test_what_is_meant_for_all_exists_and_answers(
    address: str, doors: set[tuple[str, str]]
) -> None:
    assert API | PAGES <= doors
    for method, path in API:
        status = knock(address, method, path).status
        assert status in (200, 303, 404, 422), f"{method} {path}: {status}"


def test_no_foreign_page_gets_in_anywhere(
    address: str, folder: Path, doors: set[tuple[str, str]]
) -> None:
    for method, path in doors:
        for origin in ("http://evil.example", "null", address.replace("http:", "https:")):
            response = knock(address, method, path, Origin=origin, Cookie="tickerlens_person=x")
            assert response.status == 403, f"{method} {path}"
    assert outbound(folder / "watched") == []
