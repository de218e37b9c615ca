"""Tracking one's own tickers as a person does it, with a Yahoo on loopback."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.foundation.access import Access
from tests.support.chromium import idle, open_page, served
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo
from tests.support.yahoo.server import served as answering

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    frames = {symbol: series(symbol) for symbol in ("AAPL", "2330.TW", "TSM")}
    with answering(FakeYahoo(frames)) as yahoo, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TICKERLENS_YAHOO_URL", yahoo.url)
        with served(home) as found:
            yield found


def test_own_tickers_from_the_first_visit_on(browser: Browser, address: str, home: Path) -> None:
    page, outside = open_page(browser)
    page.goto(address)
    idle(page)
    page.get_by_role("button", name="Track my own tickers").click()
    page.get_by_role("textbox", name="Tickers").fill("a$b")
    page.get_by_role("button", name="Track", exact=True).click()
    expect(page.get_by_text('"a$b" is not a ticker')).to_be_visible()
    expect(page.get_by_role("textbox", name="Tickers")).to_have_value("a$b")
    page.get_by_role("textbox", name="Tickers").fill("台積電, ZZZZ")
    page.get_by_role("button", name="Track", exact=True).click()
    expect(page.get_by_role("heading", name="2330.TW 台積電")).to_be_visible(timeout=150_000)
    expect(page.get_by_text("ZZZZ: Yahoo knows no ticker ZZZZ.")).to_be_visible()
    expect(page.get_by_role("button", name="Track tickers")).to_have_count(0)

    page.goto(f"{address}/api/signin?key={Access(home).new_link('developer')}")
    page.get_by_role("button", name="Track tickers").click()
    page.get_by_role("textbox", name="Tickers").fill("TSM")
    page.get_by_role("button", name="Track", exact=True).click()
    expect(page.get_by_role("heading", name="TSM")).to_be_visible(timeout=150_000)
    page.wait_for_url(re.compile("ticker=TSM"))
    expect(page.get_by_role("textbox", name="Tickers")).to_have_count(0)  # put away
    assert outside == []
    page.context.close()
