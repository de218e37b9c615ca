"""Where people must sign in to see anything: every route and the stream, in the real app."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from core.foundation.access import Access, grant_of
from core.foundation.keys.person import PersonRole
from tests.support.chromium import served
from tests.support.http import ask

pytestmark = pytest.mark.slow
_RUN = BackMsg(rerun_script=ClientState()).SerializeToString()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gate")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home, TICKERLENS_SIGNIN_REQUIRED="true", TICKERLENS_SIGNIN_RATE="off") as found:
        yield found


def viewer(home: Path, name: str, days: int = 1) -> str:
    return Access(home).tokens.add(name, PersonRole.VIEWER, days, datetime.now(UTC))


def session(home: Path, secret: str) -> list[str]:
    access = Access(home)
    found = access.tokens.find(secret, datetime.now(UTC))
    return access.open_session(found.person, grant_of(found, "")).split(".")


def stream(address: str, *keys: str, cookie: str = "") -> ClientConnection:
    headers = {"Cookie": f"tickerlens_person={cookie}"} if cookie else {}
    return connect(
        f"ws://{urlsplit(address).netloc}/_stcore/stream",
        origin=Origin(address),
        additional_headers=headers,
        subprotocols=[Subprotocol(one) for one in ("streamlit", "x", *keys)],
    )


SHOWING = [
    "/api/tickers",
    "/api/history/AAPL",
    "/api/openapi.json",
    "/api/no-such-route",
    "/api/signinx",
    "/api/health/x",
    "/metrics",
    "/media/x.png",
    "/component/x/y.js",
    "/_stcore/metrics",
    "/static",
]


@pytest.mark.parametrize("path", SHOWING)
def test_nobody_sees_anything_without_signing_in(address: str, home: Path, path: str) -> None:
    refused = ask(address, "GET", path)
    assert refused.status == 401 and b"without signing in" in refused.body
    forged = {"Cookie": "tickerlens_person=x.y", "Accept": "text/html"}
    assert ask(address, "GET", path, **forged).status in (401, 303)
    assert ask(address, "GET", path, Authorization="Bearer guess").status == 401
    token = viewer(home, f"v{SHOWING.index(path)}")
    assert ask(address, "GET", path, Authorization=f"Bearer {token}").status != 401
    assert ask(address, "POST", "/api/predict", b'{"ticker":"AAPL"}').status == 401


@pytest.mark.parametrize("path", ["/", "/history", "/status?ticker=AAPL", "/no-such-page"])
def test_a_page_leads_to_the_sign_in(address: str, home: Path, path: str) -> None:
    found = ask(address, "GET", path, Accept="text/html")
    assert found.status == 303 and found.headers["Location"] == "/api/signin"
    cookie, _ = session(home, viewer(home, f"p{len(path)}"))
    given = {"Cookie": f"tickerlens_person={cookie}"}
    assert ask(address, "GET", path, Accept="text/html", **given).status == 200


def test_the_way_in_stays_open(address: str) -> None:
    for path in ("/api/signin", "/api/health", "/_stcore/health"):
        assert ask(address, "GET", path).status == 200, path


def test_the_stream_opens_for_who_is_signed_in_and_ends_with_it(address: str, home: Path) -> None:
    secret = viewer(home, "bob")
    cookie, key = session(home, secret)
    for given in ({}, {"cookie": cookie}, {"cookie": "x"}):
        with pytest.raises(InvalidStatus) as refused:
            stream(address, **given)
        assert refused.value.response.status_code == 401
    with stream(address, f"tickerlens.{key}", cookie=cookie) as opened:
        opened.send(_RUN)
        assert opened.recv(timeout=60)
        Access(home).revoke("bob")
        opened.send(_RUN)
        with pytest.raises(ConnectionClosed) as ended:
            while True:
                opened.recv(timeout=60)
        assert ended.value.rcvd is not None and ended.value.rcvd.code == 1008
    with pytest.raises(InvalidStatus):
        stream(address, f"tickerlens.{key}", cookie=cookie)
