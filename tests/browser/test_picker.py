"""What Enter opens in the ticker box of a real browser, after a code that is known or tracked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.chromium import idle, open_page, served
from tests.support.sample_homes import loaded

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(loaded(tmp_path_factory)) as found:
        yield found


@pytest.mark.parametrize("text", ["GE", pytest.param("COST", marks=pytest.mark.soak)])
def test_enter_opens_no_other_company(browser: Browser, address: str, text: str) -> None:
    """Costco and GE are known but not tracked; scattered letters would find Microsoft, Google."""
    page, _ = open_page(browser)
    page.goto(f"{address}/history?ticker=IBM")
    idle(page)
    title = page.locator("h1").first
    expect(title).to_contain_text("IBM")
    box = page.get_by_role("combobox").first
    box.click()
    box.press_sequentially(text, delay=30)
    page.wait_for_timeout(500)
    box.press("Enter")
    expect(page.get_by_text("is known but not tracked here.")).to_be_visible(timeout=30_000)
    idle(page)
    expect(title).to_contain_text("IBM")
    assert "ticker=IBM" in page.url
    page.context.close()


def test_enter_opens_what_is_tracked(browser: Browser, address: str) -> None:
    page, _ = open_page(browser)
    page.goto(f"{address}/history?ticker=IBM")
    idle(page)
    box = page.get_by_role("combobox").first
    box.click()
    box.press_sequentially("msft", delay=30)
    page.wait_for_timeout(500)
    box.press("Enter")
    expect(page.locator("h1").first).to_contain_text("MSFT", timeout=30_000)
    page.context.close()
