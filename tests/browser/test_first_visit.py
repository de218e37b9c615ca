"""A person's first minutes: one button, an honest chart, the same numbers everywhere."""

import csv
import json
import re
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.foundation.access import Access
from core.foundation.outbox import Outbox, RunState
from core.foundation.sql.database import Database
from tests.support.chromium import idle, open_page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def predicted(address: str, ticker: str, horizon: int) -> dict[str, object]:
    request = urllib.request.Request(
        f"{address}/api/predict",
        json.dumps({"ticker": ticker, "horizon": horizon}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        body: dict[str, object] = json.load(response)
    return body


@pytest.fixture(scope="module")
def loaded(browser: Browser, address: str) -> str:
    """The address of an app whose sample was loaded by pressing the one button."""
    page, outside = open_page(browser)
    page.goto(f"{address}/history")  # the first page of a fresh process need not be the first one
    idle(page)
    expect(page.get_by_role("button", name="Track my own tickers")).to_be_enabled()
    page.get_by_role("button", name="Load sample data").click()
    expect(page.get_by_text("Walk-forward")).to_be_visible(timeout=120_000)
    page.get_by_role("link", name="Forecast").click()
    expect(page.get_by_role("heading", name="AAPL Apple")).to_be_visible(timeout=120_000)
    assert outside == []
    page.context.close()
    return address


def visit(browser: Browser, address: str) -> tuple[Page, list[str]]:
    page, outside = open_page(browser)
    page.goto(address)
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    idle(page)
    return page, outside


def test_the_forecast_page_shows_chart_baseline_and_skill_without_the_network(
    browser: Browser, loaded: str
) -> None:
    page, outside = visit(browser, loaded)
    expect(page.get_by_text("Random walk median")).to_be_visible()
    expect(page.get_by_text("No skill shown on AAPL")).to_be_visible()
    expect(
        page.get_by_text(re.compile("^AAPL at 20 sessions: .* past forecasts from .* out of"))
    ).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile("Fan chart of AAPL"))).to_be_visible()
    assert page.title() == "AAPL · Forecast · TickerLens"
    assert outside == []
    page.context.close()


def test_page_and_api_agree_to_the_cent(browser: Browser, loaded: str) -> None:
    page, _ = visit(browser, f"{loaded}/?ticker=AAPL&h=5")
    last = predicted(loaded, "AAPL", 5)["predictions"][-1]  # type: ignore[index]
    expect(page.get_by_text(f"Median on {last['target_session']}")).to_be_visible()
    expect(page.get_by_text(f"US${last['quantiles']['0.50']:,.2f}", exact=True)).to_be_visible()
    low, high = last["quantiles"]["0.10"], last["quantiles"]["0.90"]
    expect(page.get_by_text(f"US${low:,.2f} to {high:,.2f}")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSON").click()
    downloaded = json.loads(Path(waiting.value.path()).read_text())
    assert downloaded["predictions"][-1] == last
    page.context.close()


def test_the_address_keeps_ticker_and_horizon_over_reload_pages_and_back(
    browser: Browser, loaded: str
) -> None:
    page, _ = visit(browser, f"{loaded}/?ticker=IBM&h=5")
    page.get_by_role("slider").press("ArrowRight")
    page.wait_for_url(re.compile("h=6"))
    page.reload()
    expect(page.get_by_text(re.compile("Median on 2013-03-11"))).to_be_visible()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text(re.compile("Daily bars"))).to_be_visible()
    page.wait_for_url(re.compile("history.*ticker=IBM.*h=6"))
    page.go_back()
    expect(page.get_by_text(re.compile("Median on 2013-03-11"))).to_be_visible()
    page.go_back()
    expect(page.get_by_text(re.compile("Median on 2013-03-08"))).to_be_visible()
    page.context.close()


def test_a_one_time_link_signs_in_once_and_leaves_the_address(
    browser: Browser, loaded: str, home: Path
) -> None:
    key = Access(home).new_link("developer")
    page, _ = visit(browser, f"{loaded}/api/signin?key={key}")
    expect(page.get_by_text("Signed in as developer")).to_be_visible()
    assert key not in page.url
    stranger, _ = open_page(browser)
    response = stranger.goto(f"{loaded}/api/signin?key={key}")
    assert response is not None and response.status == 401
    expect(stranger.get_by_role("alert")).to_contain_text("used already")
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_text("You are a viewer")).to_be_visible()
    for one in (page, stranger):
        one.context.close()


def test_a_token_signs_in_and_a_wrong_one_is_told(
    browser: Browser, loaded: str, home: Path
) -> None:
    token = Access(home).ensure_token("amy").read_text().strip()
    page, _ = open_page(browser)
    page.goto(f"{loaded}/api/signin")
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as amy")).to_be_visible(timeout=60_000)
    page.context.close()


def test_the_grid_s_own_download_holds_no_formula(
    browser: Browser, loaded: str, home: Path
) -> None:
    reason = '=HYPERLINK("http://evil.example","more")'
    records = Database(f"sqlite:///{home / 'records.db'}")
    request, _ = Outbox(records).ask(
        "train", {"reason": reason, "scope": "us", "model": "har"}, "ann", datetime.now(UTC)
    )
    page, _ = open_page(browser)
    page.add_init_script("delete window.showSaveFilePicker")  # a window that no test can press
    page.goto(f"{loaded}/retrain")
    grid = page.locator('[data-testid="stDataFrame"]').last
    expect(grid).to_be_visible(timeout=60_000)
    idle(page)
    grid.hover()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").last.click()
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    texts = [text for row in rows for text in row]
    assert any(text.endswith(reason) for text in texts)
    assert [text for text in texts if text[:1] in ("=", "+", "-", "@")] == []
    page.context.close()
    Outbox(records).ended(request.id, RunState.CANCELLED, datetime.now(UTC))
    records.close()


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.soak)])
def test_nothing_is_wider_than_the_window(browser: Browser, loaded: str, width: int) -> None:
    page, _ = open_page(browser, width, 844)
    for path in ("/", "/history"):
        page.goto(loaded + path)
        page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
        idle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
