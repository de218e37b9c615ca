"""Pages of five other origins, in the browser that is signed in: they can do nothing."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, Route, expect

from core.foundation.access import Access
from tests.support.chromium import open_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_TRY = """async (target) => {
    const stream = target.replace("http", "ws") + "/_stcore/stream";
    const opened = await new Promise((done) => {
        const socket = new WebSocket(stream, ["streamlit"]);
        socket.onopen = () => done(true);
        socket.onerror = () => done(false);
    });
    const send = (path, more) =>
        fetch(target + path, { mode: "no-cors", credentials: "include", ...more })
            .catch(() => "unreachable");
    await send("/api/signout");
    await send("/api/predict", { method: "POST", body: '{"ticker":"AAPL"}' });
    await send("/_stcore/upload_file/a/b", { method: "POST", body: "x" });
    const image = new Image();
    await new Promise((done) => {
        image.onload = image.onerror = done;
        image.src = target + "/api/signout?image";
    });
    return opened;
}"""


class _Blank(BaseHTTPRequestHandler):
    cookies: list[str] = []

    def do_GET(self) -> None:
        self.cookies.append(self.headers.get("Cookie", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>other</title>")

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is written down."""


@pytest.fixture(scope="module")
def other_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def page(browser: Browser, address: str, home: Path) -> Iterator[Page]:
    found, _ = open_page(browser)
    found.goto(f"{address}/api/signin?key={Access(home).new_link('developer')}")
    expect(found.get_by_text("Signed in as developer")).to_be_visible(timeout=60_000)
    yield found
    found.context.close()


def test_the_app_s_own_page_opens_the_stream(page: Page, address: str) -> None:
    assert page.evaluate(_TRY, address) is True
    page.goto(address)
    expect(page.get_by_text("You are a viewer")).to_be_visible()  # it signed out, as it may


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://evil.example@127.0.0.1:{port}/",
        "https://localhost/",
        "https://127.0.0.1:8501/",
        "http://evil.example/",
    ],
)
def test_a_page_of_another_origin_can_do_nothing(
    page: Page, address: str, other_port: int, url: str
) -> None:
    def blank(route: Route) -> None:
        route.fulfill(content_type="text/html", body="<!doctype html><title>other</title>")

    for unreachable in ("https://**", "http://evil.example/**"):
        page.route(unreachable, blank)
    answers: list[int] = []

    def note(response: Response) -> None:
        if response.url.startswith(address):
            answers.append(response.status)

    page.goto(url.format(port=other_port))
    assert page.title() == "other"
    page.on("response", note)
    assert page.evaluate(_TRY, address) is False
    page.remove_listener("response", note)
    assert set(answers) <= {403}
    if "127.0.0.1:{port}" in url:
        assert len(answers) >= 3, "nothing but the app itself refused it"
    page.goto(address)
    expect(page.get_by_text("Signed in as developer")).to_be_visible()


def test_one_sign_in_serves_every_tab_and_no_other_port(
    page: Page, address: str, other_port: int
) -> None:
    page.reload()
    expect(page.get_by_text("Signed in as developer")).to_be_visible()
    tab = page.context.new_page()
    tab.goto(f"{address}/history")
    expect(tab.get_by_text("Signed in as developer")).to_be_visible()
    tab.goto(f"http://127.0.0.1:{other_port}/")
    assert "tickerlens_person=" in _Blank.cookies[-1] and "." not in _Blank.cookies[-1]
    assert tab.evaluate("Object.keys(localStorage)") == []
    assert page.evaluate("Object.keys(localStorage)").count("tickerlens_page") == 1
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_text("You are a viewer")).to_be_visible()
    tab.goto(address)
    expect(tab.get_by_text("You are a viewer")).to_be_visible()
