"""Who may ask from where: foreign pages are refused before Streamlit sees them, in the real app."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.foundation.access import Access
from core.foundation.keys.person import Person, PersonRole
from tests.support.chromium import served
from tests.support.http import Response, ask, ask_again, handshake
from tests.support.outbound import outbound, watched

pytestmark = pytest.mark.slow

FOREIGN = [
    "http://127.0.0.1:1",
    "http://127.0.0.1",
    "https://127.0.0.1:{port}",
    "http://localhost:{port}",
    "http://localhost:9999",
    "https://localhost",
    "http://evil.example",
    "http://evil.example:{port}",
    "http://evil.example@127.0.0.1:{port}",
    "http://evil.example@127.0.0.1",
    "http://127.0.0.1:{port}@evil.example",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1.:{port}",
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}, http://127.0.0.1:{port}",
    "HTTP://EVIL.EXAMPLE",
    "http://[::1]:{port}",
    "http://[::ffff:127.0.0.1]:{port}",
    "http://[",
    "http://127.0.0.1:99999999",
    "http://2130706433:{port}",
    "file://",
    "null",
    "",
    "\xff",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("origins")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder / "home", **watched(folder / "watched")) as found:
        yield found


@pytest.fixture
def cookie(folder: Path) -> str:
    token = Access(folder / "home").open_session(Person("ann", PersonRole.DEVELOPER))
    return f"tickerlens_person={token}"


def refused(response: Response) -> bool:
    """Whether our own guard refused it: Streamlit's refusals have no such sentence."""
    return response.status == 403 and b"only the app's own pages may ask" in response.body


def port(address: str) -> int | None:
    return urlsplit(address).port


@pytest.mark.parametrize("origin", FOREIGN, ids=ascii)
def test_no_foreign_origin_gets_in_anywhere(
    address: str, folder: Path, cookie: str, origin: str
) -> None:
    origin = origin.format(port=port(address))
    forced = {"Origin": origin, "Cookie": cookie}
    before = outbound(folder / "watched")
    assert refused(handshake(address, **forced))
    assert refused(ask(address, "GET", "/api/tickers", **forced))
    assert refused(ask(address, "GET", "/", **forced))
    assert refused(ask(address, "POST", "/api/predict", b"{}", **forced))
    assert refused(ask(address, "PUT", "/_stcore/upload_file/a/b", b"x", **forced))
    assert refused(ask(address, "OPTIONS", "/_stcore/upload_file/a/b", **forced))
    assert outbound(folder / "watched") == before == []


def test_several_origins_or_hosts_are_refused(address: str, folder: Path, cookie: str) -> None:
    own = ("Origin", address)
    for pair in (own, ("Origin", "http://evil.example"), ("Host", "evil.example")):
        assert handshake(address, own, pair, Cookie=cookie).status in (400, 403)
        assert ask_again(address, own, pair, Cookie=cookie).status in (400, 403)
    assert outbound(folder / "watched") == []


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}"])
def test_the_app_s_own_pages_open_the_stream(address: str, host: str) -> None:
    host = host.format(port=port(address))
    assert handshake(address, Host=host, Origin=f"http://{host.lower()}").status == 101


def test_the_default_port_may_be_left_out(address: str, folder: Path) -> None:
    for host, origin in (
        ("127.0.0.1:80", "http://127.0.0.1"),
        ("127.0.0.1", "http://127.0.0.1:80"),
    ):
        assert handshake(address, Host=host, Origin=origin).status == 101
    assert outbound(folder / "watched") == []


def test_behind_a_proxy_that_is_named_the_scheme_is_the_browser_s(
    address: str, tmp_path: Path
) -> None:
    secure = address.replace("http:", "https:")
    assert refused(handshake(address, Origin=secure, X_Forwarded_Proto="https"))
    with served(tmp_path, FORWARDED_ALLOW_IPS="127.0.0.1") as behind:
        secure = behind.replace("http:", "https:")
        assert handshake(behind, Origin=secure, X_Forwarded_Proto="https").status == 101
        assert refused(handshake(behind, Origin=behind, X_Forwarded_Proto="https"))


def test_without_an_origin_the_stream_wants_a_developer_s_token(
    address: str, folder: Path, cookie: str
) -> None:
    token = Access(folder / "home").ensure_token("ann").read_text().strip()
    assert refused(handshake(address))
    assert refused(handshake(address, Cookie=cookie))
    for wrong in ("Bearer guess", "Bearer ", f"Basic {token}", token):
        assert refused(handshake(address, Cookie=cookie, Authorization=wrong))
    assert handshake(address, Authorization=f"Bearer {token}").status == 101


def test_without_an_origin_a_cookie_changes_nothing(address: str, cookie: str) -> None:
    body, kind = b'{"ticker":"AAPL"}', "application/json"
    plain = ask(address, "POST", "/api/predict", body, Content_Type=kind)
    assert plain.status == 404 and b"not tracked" in plain.body  # as by curl
    assert refused(ask(address, "POST", "/api/predict", body, Content_Type=kind, Cookie=cookie))
    assert refused(ask(address, "DELETE", "/_stcore/upload_file/a/b", Cookie=cookie))
    assert ask(address, "GET", "/api/tickers", Cookie=cookie).status == 200


def test_what_the_browser_says_of_the_page_counts_too(address: str) -> None:
    for site in ("same-site", "cross-site"):
        embedded = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"}
        for path in ("/", "/api/signout", "/api/tickers"):
            assert refused(ask(address, "GET", path, **embedded))
        link = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
        assert ask(address, "GET", "/history", **link).status == 200
        assert refused(ask(address, "POST", "/api/signin", b"token=x", **link))
        assert refused(ask(address, "GET", "/", **{**link, "Sec_Fetch_Dest": "iframe"}))
    own = {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}
    assert ask(address, "GET", "/api/tickers", **own).status == 200


def test_hostile_traffic_makes_the_app_ask_nobody(address: str, folder: Path, cookie: str) -> None:
    hosts = ["evil.example", "", "127.0.0.1@evil.example", "[", "127.0.0.1:x", "a" * 5000, "\xff"]
    for host in hosts:
        for origin in ("http://evil.example", f"http://{host}", address):
            assert handshake(address, Host=host, Origin=origin, Cookie=cookie).status >= 400
    for sent in (
        {"Sec_WebSocket_Version": "99"},
        {"Sec_WebSocket_Key": "short"},
        {"Sec_WebSocket_Protocol": "streamlit, " + "x" * 4000},
        {"Upgrade": "h2c"},
    ):
        handshake(address, Origin="http://evil.example", **sent)
        handshake(address, Origin=address, Cookie=cookie, **sent)
    for path in ("/_stcore/stream", "/_stcore/host-config", "/_stcore/agent/mcp", "/media/x"):
        for method in ("GET", "POST", "OPTIONS", "TRACE"):
            ask(address, method, path, Origin="http://evil.example")
    assert outbound(folder / "watched") == []


def test_what_counts_connections_sees_one(tmp_path: Path) -> None:
    asking = "import socket as s; s.socket(type=s.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    naming = "import socket as s\ntry: s.getaddrinfo('evil.invalid', 80)\nexcept OSError: pass"
    environment = watched(tmp_path / "watched")
    for script in (asking, naming):
        subprocess.run([sys.executable, "-c", script], env=environment, check=False)
    seen = outbound(tmp_path / "watched")
    assert len(seen) == 2 and "192.0.2.1" in seen[0] and "evil.invalid" in seen[1]
