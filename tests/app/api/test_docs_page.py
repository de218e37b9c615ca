"""The page of the routes: whole, legible without anything from outside, and its links lead on."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from app.api.routes import api
from app.state.stores import Stores
from core.foundation.http_protocol import problem_type
from tests.support.chromium import open_page, served


@pytest.fixture
def page(sample: Stores) -> str:
    response = TestClient(api).get("/docs")
    assert response.status_code == 200 and "text/html" in response.headers["content-type"]
    return response.text


def test_every_route_shape_and_sample_is_on_it(page: str) -> None:
    document, text = api.openapi(), unescape(page)
    for path, methods in document["paths"].items():
        assert f"<code>/api{path}</code>" in text
        for route in methods.values():
            assert all(one["source"] in text for one in route["x-codeSamples"])
    assert all(f'<h3 id="{name}">' in page for name in document["components"]["schemas"])
    assert 'href="openapi.json"' in page and page.count("needs a token") == 1


def test_every_link_leads_to_something_on_it(page: str) -> None:
    targets = set(re.findall(r'id="([^"]+)"', page))
    wanted = set(re.findall(r'href="#([^"]+)"', page))
    assert len(wanted) > 30 and wanted - targets == set()
    assert problem_type(404) == "/api/docs#not-found" and "not-found" in targets


def test_it_loads_nothing(page: str) -> None:
    assert re.findall(r"<(script|link|img|iframe)|@import|url\(| src=", page) == []


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("docs")) as found:
        yield found


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_and_asks_for_nothing_else(
    address: str, browser: Browser, scheme: str
) -> None:
    page, outside = open_page(browser, 400, 800, scheme)  # type: ignore[arg-type]
    asked_for, complaints = [], []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/api/docs")
    assert [one for one in asked_for if "favicon" not in one] == [f"{address}/api/docs"]
    assert [one for one in complaints if "favicon" not in one] == [] and outside == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ink, ground = (
        page.evaluate(f"getComputedStyle(document.{where}).{what}")
        for where, what in (("body", "color"), ("documentElement", "colorScheme"))
    )
    assert (
        ground == "light dark"
        and ink
        == {
            "light": "rgb(0, 0, 0)",
            "dark": "rgb(255, 255, 255)",
        }[scheme]
    )
    page.click("text=GET /api/drift")
    assert page.url.endswith("#get-drift")
