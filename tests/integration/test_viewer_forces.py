"""A signed-in viewer who presses every button by hand, over the stream, changes nothing."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from core.foundation.access import Access, grant_of
from core.foundation.keys.person import PersonRole
from core.foundation.settings import Settings
from core.wiring import Workspace
from tests.support.chromium import served
from tests.support.homes import file_bytes

pytestmark = pytest.mark.slow
PAGES = ("", "experiments", "retrain", "status")


@pytest.fixture(scope="module")
def home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(sample_home, tmp_path_factory.mktemp("forced") / "home"))


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as found:
        yield found


def session(home: Path, role: PersonRole) -> tuple[str, str]:
    access, now = Access(home), datetime.now(UTC)
    name = f"the-{role}-{len(access.tokens.all())}"
    found = access.tokens.find(access.tokens.add(name, role, 1, now), now)
    cookie, _, key = access.open_session(found.person, grant_of(found, "")).partition(".")
    return cookie, key


def stream(address: str, cookie: str, key: str) -> ClientConnection:
    return connect(
        f"ws://{urlsplit(address).netloc}/_stcore/stream",
        origin=Origin(address),
        additional_headers={"Cookie": f"tickerlens_person={cookie}"},
        subprotocols=[Subprotocol(one) for one in ("streamlit", "x", f"tickerlens.{key}")],
        max_size=None,
    )


def run(opened: ClientConnection, page: str, pressed: tuple[str, ...] = ()) -> dict[str, str]:
    """Run a page with these buttons pressed; every button that is then on it, by id, with what it
    says, those that cannot be pressed by hand too."""
    states = [WidgetState(id=one, trigger_value=True) for one in pressed]
    wanted = ClientState(page_name=page, widget_states=WidgetStates(widgets=states))
    opened.send(BackMsg(rerun_script=wanted).SerializeToString())
    found: dict[str, str] = {}
    for data in opened:
        assert isinstance(data, bytes)
        message = ForwardMsg.FromString(data)
        button = message.delta.new_element.button
        if button.id:
            found[button.id] = button.label
        if message.WhichOneof("type") == "script_finished":
            return found
    raise AssertionError("the page never ended")


def left(home: Path) -> tuple[object, ...]:
    here = Workspace(Settings(home=home))
    champion = here.registry.champion()
    assert champion is not None
    doings = [one for one in here.audit.latest(500) if one.action != "sign out everywhere"]
    return (
        len(doings),
        len(here.outbox.open()),
        champion.version,
        str(here.quarantine.entries()),
        str(file_bytes(home / "bars")),
        [one.name for one in here.access.tokens.all()],
    )


@pytest.mark.parametrize("page", PAGES)
def test_whatever_a_viewer_presses_nothing_changes(address: str, home: Path, page: str) -> None:
    with stream(address, *session(home, PersonRole.DEVELOPER)) as opened:
        everything = run(opened, page)
    cookie, key = session(home, PersonRole.VIEWER)
    before = left(home)
    with stream(address, cookie, key) as opened:
        own = run(opened, page)
        assert everything, "a developer has something to press"
        for one, label in {**everything, **own}.items():
            if label != "Sign out everywhere":
                run(opened, page, (one,))
    assert left(home) == before


def test_the_same_press_by_a_developer_does_change_something(address: str, home: Path) -> None:
    before = left(home)
    with stream(address, *session(home, PersonRole.DEVELOPER)) as opened:
        found = run(opened, "status")
        (revoke,) = [one for one, label in found.items() if label == "Revoke"]
        run(opened, "status", (revoke,))
    assert left(home) != before
