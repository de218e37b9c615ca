"""The sample's one question, asked and answered: a viewer reads it, a developer decides."""

import json
import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.foundation.access import Access
from core.foundation.settings import Settings
from core.wiring import Workspace
from tests.support.chromium import idle, open_page
from tests.support.sample_homes import loaded

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]
LEFT_OUT = re.compile("Bars before 2000-09-29 are left out")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample loaded and trained on."""
    return loaded(tmp_path_factory)


def seen(browser: Browser, address: str, width: int = 1280) -> tuple[Page, list[str]]:
    page, outside = open_page(browser, width)
    page.goto(f"{address}/status")
    expect(page.locator(".st-key-dependencies")).to_be_visible(timeout=60_000)
    idle(page)
    return page, outside


def first_session(address: str) -> str:
    url = f"{address}/api/history/AAPL?end=2000-10-02&adjusted=false"
    with urllib.request.urlopen(url, timeout=30) as response:
        bars: list[dict[str, str]] = json.load(response)["bars"]
    return bars[0]["session"]


def bars_on_history(page: Page, address: str, count: str) -> None:
    page.goto(f"{address}/history?ticker=AAPL&range=Max")
    expect(page.get_by_text(f"{count} bars as a table")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_viewer_reads_everything_and_decides_nothing(
    browser: Browser, address: str, width: int
) -> None:
    page, outside = seen(browser, address, width)
    expect(page.get_by_text("Only sample tickers are stored")).to_be_visible()
    expect(page.get_by_text("The close fell 52 %")).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile("Closes of AAPL as traded"))).to_be_visible()
    expect(page.get_by_text("only a developer decides")).to_be_visible()
    for verb in ("Answer ...", "Release ...", "Discard ..."):
        expect(page.get_by_role("button", name=verb)).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.title() == "Status · TickerLens"
    assert outside == []
    page.context.close()


def test_a_developer_says_what_the_day_was_and_history_gains_the_bars_before(
    browser: Browser, address: str, home: Path
) -> None:
    page, outside = open_page(browser)
    page.goto(f"{address}/api/signin?key={Access(home).new_link('developer')}")
    expect(page.get_by_text("Signed in as developer")).to_be_visible(timeout=60_000)
    bars_on_history(page, address, "3,122")
    expect(page.get_by_text(LEFT_OUT)).to_be_visible()
    assert first_session(address) == "2000-09-29"

    page.goto(f"{address}/status")
    expect(page.locator(".st-key-dependencies")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Answer ...").click()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("A reason is needed")).to_be_visible()
    page.get_by_label("Reason", exact=True).fill("a profit warning, it is real")
    page.get_by_label("Reason", exact=True).press("Tab")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("Answered, real: AAPL 2000-09-29.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Nothing is held back.")).to_be_visible()

    bars_on_history(page, address, "3,270")
    expect(page.get_by_text(LEFT_OUT)).to_have_count(0)
    assert first_session(address) == "2000-03-01"
    (found,) = [
        one for one in Workspace(Settings(home=home)).audit.latest() if one.action == "answer step"
    ]
    assert (found.actor, found.reason) == ("developer", "a profit warning, it is real")
    assert outside == []
    page.context.close()
