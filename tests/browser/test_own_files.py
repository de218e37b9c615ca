"""Price files of one's own as a person gives them to the page."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.foundation.access import Access
from core.foundation.settings import Settings
from core.reference.tickers import Ticker
from core.wiring import Workspace
from tests.support.bars import walk
from tests.support.chromium import idle, open_page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
TITLE = "115年11月 2330 台積電 各日成交資訊\n"
HEAD = "日期,成交股數,成交金額,開盤價,最高價,最低價,收盤價,漲跌價差,成交筆數,\n"
ROWS = (
    '"115/11/24","8,778,071",1,"863.35","878.57","858.18","865.27",+1.10,"12,345",\n'
    '"115/11/25","5,753,721",1,"880.82","891.67","875.55","885.57",+1.10,"12,345",\n'
)


def month(folder: Path, first: str = TITLE) -> str:
    path = folder / "上市=cmd.csv"
    path.write_bytes(f"{first}{HEAD}{ROWS}".encode("big5"))
    return str(path)


def choose(page: Page, *paths: str) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(list(paths))


def test_a_month_is_looked_at_stored_and_seen(
    browser: Browser, address: str, home: Path, tmp_path: Path
) -> None:
    page, outside = open_page(browser)
    page.goto(f"{address}/api/signin?key={Access(home).new_link('developer')}")
    page.get_by_role("button", name="Track my own tickers").click()
    page.get_by_role("button", name="Read files of mine").click()
    window = page.get_by_role("dialog")

    wrong = tmp_path / "wrong.pdf"
    wrong.write_bytes(b"%PDF")
    choose(page, str(wrong))
    expect(window.get_by_text("wrong.pdf is not read here; files that end in")).to_be_visible()
    window.get_by_role("button", name="Remove wrong.pdf").click()
    large = tmp_path / "large.csv"
    large.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    choose(page, str(large))
    expect(window.get_by_role("alert")).to_contain_text("File must be 10.0MB or smaller.")
    window.get_by_role("button", name="Remove large.csv").click()

    choose(page, month(tmp_path))
    expect(window.get_by_text("2330.TW 台積電 TSMC", exact=True)).to_be_visible()
    expect(window.get_by_text("2 sessions, 2026-11-24 to 2026-11-25: 2 new.")).to_be_visible()
    expect(window.get_by_text("收盤價 → close")).to_be_visible()
    expect(window.get_by_role("strong").get_by_text("上市=cmd.csv")).to_be_visible()
    here = Workspace(Settings(home=home))
    assert here.bars.tickers() == []
    window.get_by_role("button", name="Store 2 bars of 2330.TW").click()
    expect(page.get_by_text("2330.TW: 2 bars stored")).to_be_visible(timeout=60_000)
    expect(window).to_have_count(0)
    page.get_by_role("link", name="See 2330.TW on History").click()
    expect(page.get_by_role("heading", name="2330.TW 台積電")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("figure", name="Price chart of 2330.TW")).to_be_visible()
    assert len(here.bars.latest(Ticker.parse("2330.TW"))) == 2
    assert outside == []
    page.context.close()


def test_a_file_of_megabytes_comes_through(
    browser: Browser, address: str, home: Path, tmp_path: Path
) -> None:
    """More than a body under /api may have; beside any page, by the panel that tracks tickers."""
    bars = walk("AAPL", 8_000).drop(columns=["source", "ingested_at"])
    wide = [bars.assign(ticker=symbol, note="x" * 100) for symbol in ("MCD", "KO")]
    path = tmp_path / "two.csv"
    path.write_text("".join(one.to_csv(index=False, header=not at) for at, one in enumerate(wide)))
    here = Workspace(Settings(home=home))
    here.bars.upsert(walk("MSFT", 30).assign(source="csv"))  # no first visit any more
    assert 2 < path.stat().st_size / 1024**2 < 10
    page, _ = open_page(browser, 390, 844, "dark")
    page.goto(f"{address}/api/signin?key={Access(home).new_link('developer')}")
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name="Track tickers").click()
    page.get_by_role("button", name="Read files of mine").click()
    choose(page, str(path))
    store = page.get_by_role("button", name="Store 16,000 bars of 2 tickers")
    expect(store).to_be_visible(timeout=90_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("dialog").get_by_label("Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    idle(page)
    assert not {"MCD", "KO"} & {str(one) for one in here.bars.tickers()}, "nothing was stored"
    page.context.close()


def test_a_viewer_sees_nothing_of_it(browser: Browser, address: str) -> None:
    page, _ = open_page(browser)
    page.goto(f"{address}/history")
    expect(page.get_by_text("You are a viewer")).to_be_visible()
    expect(page.get_by_role("button", name="Track tickers")).to_have_count(0)
    expect(page.get_by_role("button", name="Read files of mine")).to_have_count(0)
    page.context.close()
