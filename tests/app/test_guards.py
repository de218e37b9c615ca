"""What a request meets before any page or route: host, size, headers, in the real process."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("guards")) as found:
        yield found


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(
    address: str,
    method: str,
    path: str,
    body: bytes | Iterator[bytes] | None = None,
    **headers: str,
) -> Answer:
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named, encode_chunked=isinstance(body, Iterator))
        got = connection.getresponse()
        return Answer(got.status, got.headers, got.read())


@pytest.mark.parametrize("path", ["/", "/api/health", "/_stcore/health"])
def test_a_foreign_host_is_refused_everywhere(address: str, path: str) -> None:
    assert ask(address, "GET", path, Host="evil.example").status == 400


@pytest.mark.parametrize("path", ["/", "/api/health", "/history"])
def test_every_answer_carries_the_security_headers(address: str, path: str) -> None:
    headers = ask(address, "GET", path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("origin", "status"), [("http://evil.example", 403), ("http://127.0.0.1", 101)]
)
def test_a_page_of_another_site_cannot_open_the_stream(
    address: str, origin: str, status: int
) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec_WebSocket_Protocol": "streamlit",
    }
    assert ask(address, "GET", "/_stcore/stream", Origin=origin, **upgrade).status == status


def test_a_body_over_one_megabyte_is_refused(address: str) -> None:
    answer = ask(address, "POST", "/api/predict", b" " * (1024 * 1024 + 1))
    assert answer.status == 413
    assert b"larger than 1 MB" in answer.body


def test_a_body_that_hides_its_length_is_refused_too(address: str) -> None:
    chunks = (b" " * 65536 for _ in range(20))
    assert ask(address, "POST", "/api/predict", chunks).status == 413


def test_a_body_of_exactly_one_megabyte_is_read(address: str) -> None:
    body = b'{"ticker":"AAPL"}'.ljust(1024 * 1024)
    answer = ask(address, "POST", "/api/predict", body, Content_Type="application/json")
    assert answer.status == 404  # read, understood, and nothing is tracked yet


def test_sign_in_keys_are_not_written_to_the_log(address: str, tmp_path_factory: object) -> None:
    ask(address, "GET", "/api/signin?key=very-secret-key")
    base = tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    logs = [path for path in Path(base).glob("guards*/server.log")]
    assert logs
    assert all("very-secret-key" not in path.read_text() for path in logs)
