"""What a request meets before any page or route: host, size, headers, in the real process."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.chromium import served
from tests.support.half_open import answer_to
from tests.support.http import ask

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("guards")) as found:
        yield found


@pytest.mark.parametrize("path", ["/", "/api/health", "/_stcore/health"])
def test_a_foreign_host_is_refused_everywhere(address: str, path: str) -> None:
    assert ask(address, "GET", path, Host="evil.example").status == 400


@pytest.mark.parametrize(
    ("path", "host", "sentence"),
    [
        ("/api/health", "evil.example", "The Host header names no host of this app."),
        ("/api/history/%00", "", "The path cannot be read."),
        ("/api/..%5c..%5cx", "", ""),
    ],
)
def test_what_is_refused_under_api_has_the_one_shape_of_an_error(
    address: str, path: str, host: str, sentence: str
) -> None:
    response = ask(address, "GET", path, **({"Host": host} if host else {}))
    problem = json.loads(response.body)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.status == problem["status"] in (400, 404) and problem["parameter"] is None
    assert problem["detail"] == sentence or not sentence


@pytest.mark.parametrize(("size", "status"), [(65_536, 200), (65_537, 431), (70_000, 431)])
def test_the_limit_of_the_headers_is_exact(address: str, size: int, status: int) -> None:
    netloc = urlsplit(address).netloc
    head = f"GET /api/health HTTP/1.1\r\nHost: {netloc}\r\nConnection: close\r\nX: "
    response = answer_to(address, [f"{head}{'x' * (size - len(head) - 4)}\r\n\r\n".encode()])
    assert response.split()[1] == str(status).encode()
    if status == 431:
        assert b'"detail":"The headers are larger than 64 KB."' in response


@pytest.mark.parametrize("path", ["/", "/api/health", "/history"])
def test_every_answer_carries_the_security_headers(address: str, path: str) -> None:
    headers = ask(address, "GET", path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_body_over_one_megabyte_is_refused(address: str) -> None:
    response = ask(address, "POST", "/api/predict", b" " * (1024 * 1024 + 1))
    assert response.status == 413
    assert b"larger than 1 MB" in response.body


def test_a_body_that_hides_its_length_is_refused_too(address: str) -> None:
    chunks = (b" " * 65536 for _ in range(20))
    assert ask(address, "POST", "/api/predict", chunks).status == 413


def test_a_body_of_exactly_one_megabyte_is_read(address: str) -> None:
    body = b'{"ticker":"AAPL"}'.ljust(1024 * 1024)
    response = ask(address, "POST", "/api/predict", body, Content_Type="application/json")
    assert response.status == 404  # read, understood, and nothing is tracked yet


def test_sign_in_keys_are_not_written_to_the_log(address: str, tmp_path_factory: object) -> None:
    ask(address, "GET", "/api/signin?key=very-secret-key")
    base = tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    logs = [path for path in Path(base).glob("guards*/server.log")]
    assert logs
    assert all("very-secret-key" not in path.read_text() for path in logs)
