"""Who may send a file and how large it may be: the real upload route, asked by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.web.guards import MAX_UPLOAD_BYTES
from core.foundation.access import Access
from core.foundation.keys.person import Person, PersonRole
from tests.house.tree import ROOT
from tests.support.chromium import served
from tests.support.http import Response, ask

pytestmark = pytest.mark.slow
ROUTE = "/_stcore/upload_file/a/b"
REFUSED = b"Only a signed-in developer may upload files."
TOO_LARGE = b"The file is larger than 10 MB."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as found:
        yield found


@pytest.fixture
def session(home: Path) -> list[str]:
    return Access(home).open_session(Person("ann", PersonRole.DEVELOPER)).split(".")


def sent(address: str, body: bytes | Iterator[bytes], cookie: str, **headers: str) -> Response:
    given = {"Cookie": f"a=b; tickerlens_person={cookie}", "Origin": address, **headers}
    return ask(address, "PUT", ROUTE, body, **given)


def test_a_developer_s_page_may_send_a_file(address: str, session: list[str]) -> None:
    cookie, key = session
    passed = sent(address, b"x", cookie, TickerLens_Page=key)
    assert passed.status == 403 and b"XSRF" in passed.body, "Streamlit's own next question"


def test_nobody_else_may(address: str, session: list[str], home: Path) -> None:
    cookie, key = session
    viewer = Access(home).open_session(Person("bob", PersonRole.VIEWER)).split(".")
    other = Access(home).open_session(Person("cid", PersonRole.DEVELOPER)).split(".")
    forged: list[tuple[str, dict[str, str]]] = [
        (cookie, {}),  # as a program on another port of this machine has it
        (cookie, {"TickerLens_Page": other[1]}),
        (f"{cookie}.{other[1]}", {"TickerLens_Page": f"{key}; x"}),
        (viewer[0], {"TickerLens_Page": viewer[1]}),
        ("", {"TickerLens_Page": key}),
    ]
    for value, headers in forged:
        response = sent(address, b"x", value, **headers)
        assert response.status == 403 and REFUSED in response.body, headers
    assert REFUSED in ask(address, "PUT", ROUTE, b"x").body, "without any cookie"
    assert REFUSED in ask(address, "DELETE", ROUTE).body


def test_the_limit_of_a_file_is_its_own(address: str, session: list[str]) -> None:
    cookie, key = session
    whole = sent(address, b"x" * MAX_UPLOAD_BYTES, cookie, TickerLens_Page=key)
    assert b"XSRF" in whole.body, "ten megabytes pass our guards"
    larger = MAX_UPLOAD_BYTES + 64 * 1024 + 1
    for body in (b"x" * larger, (b"x" * 65536 for _ in range(larger // 65536 + 1))):
        refused = sent(address, body, cookie, TickerLens_Page=key)
        assert refused.status == 413 and TOO_LARGE in refused.body
    beside = ask(address, "POST", "/api/predict", b" " * (1024 * 1024 + 1))
    assert beside.status == 413 and b"larger than 1 MB" in beside.body


def test_streamlit_s_limit_is_the_same() -> None:
    config = (ROOT / ".streamlit" / "config.toml").read_text()
    assert f"maxUploadSize = {MAX_UPLOAD_BYTES // 1024**2}\n" in config
