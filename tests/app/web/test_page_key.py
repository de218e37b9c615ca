"""What a stolen cookie is worth: the real stream, opened by hand with everything else forged."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from core.foundation.access import Access
from core.foundation.keys.person import Person, PersonRole
from tests.support.chromium import served
from tests.support.homes import file_bytes
from tests.support.http import ask

pytestmark = pytest.mark.slow
_RUN = BackMsg(rerun_script=ClientState()).SerializeToString()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page-key")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as found:
        yield found


@pytest.fixture
def session(home: Path) -> list[str]:
    return Access(home).open_session(Person("ann", PersonRole.DEVELOPER)).split(".")


def account(address: str, cookie: str, *keys: str) -> str:
    """What the sidebar says to whoever opens the stream with this cookie and these page keys."""
    with connect(
        f"ws://{urlsplit(address).netloc}/_stcore/stream",
        origin=Origin(address),
        additional_headers={"Cookie": f"a=b; tickerlens_person={cookie}; c=d"},
        subprotocols=[Subprotocol(one) for one in ("streamlit", "x", *keys)],
    ) as stream:
        assert stream.subprotocol == "streamlit"
        stream.send(_RUN)
        for data in stream:
            assert isinstance(data, bytes)
            body = ForwardMsg.FromString(data).delta.new_element.markdown.body
            if body.startswith(("You are a viewer", "Signed in as")):
                return body.replace("\\", "")
    raise AssertionError("the page never said who this is")


def test_a_cookie_read_on_another_port_makes_nobody_a_developer(
    address: str, session: list[str], home: Path
) -> None:
    cookie, key = session
    other = Access(home).open_session(Person("bob", PersonRole.DEVELOPER)).split(".")[1]
    assert account(address, cookie, f"tickerlens.{key}") == "Signed in as ann."
    for keys in ((), ("tickerlens.",), (f"tickerlens.{other}",), (key,), ("tickerlens.a", "b")):
        assert account(address, cookie, *keys).startswith("You are a viewer"), keys
    assert account(address, other, f"tickerlens.{key}").startswith("You are a viewer")
    assert account(address, cookie, f"tickerlens.{key}", f"tickerlens.{other}").startswith("You")


@pytest.mark.parametrize("path", ["/", "/history", "/no/such/page", "/index.html"])
def test_every_page_sends_its_key_whatever_the_browser_kept(address: str, path: str) -> None:
    first = ask(address, "GET", path, Accept="text/html", Accept_Encoding="gzip")
    assert first.status == 200 and first.body.count(b"window.WebSocket = class") == 1
    assert int(first.headers["content-length"]) == len(first.body)
    assert b"<head><script>" in first.body and b"</html>" in first.body
    headers = {"If_None_Match": '"x"', "If_Modified_Since": "Tue, 01 Jan 2999 00:00:00 GMT"}
    again = ask(address, "GET", path, **headers, Range="bytes=0-9")
    assert again.status == 200 and again.body == first.body


def test_what_is_no_page_is_left_as_it_is(address: str) -> None:
    for path in ("/static/no-such.html", "/api/signin", "/metrics", "/favicon.png"):
        assert b"window.WebSocket" not in ask(address, "GET", path).body


def test_page_keys_are_written_nowhere(address: str, session: list[str], home: Path) -> None:
    cookie, key = session
    account(address, cookie, f"tickerlens.{key}")
    stored = repr(file_bytes(home))
    assert "server.log" in stored and key not in stored and cookie not in stored
