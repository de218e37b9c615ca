"""What people wait for where many tickers are stored: pages in a real browser, beside few."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.foundation.settings import Settings
from core.lifecycle.train import TrainingRequest, train
from core.market_data.checks.finding import Fault
from core.market_data.records.ingest_log import IngestAttempt, IngestOutcome
from core.market_data.records.quarantine import QuarantineEntry
from core.reference.bar_holds import Hold
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.wiring import Workspace
from tests.benchmarks.measure import Figure, Size, measure, typical
from tests.support.bars import walk
from tests.support.chromium import chromium_path, idle, launch, open_page, served

FEW, MANY_AT_LEAST = 20, 200  # tickers
SESSIONS = 600
RATIO = 1.3  # that a page may take with many, of what it takes with few
_TIMEOUT_MILLISECONDS = 120_000
# The last that each page draws.
_PAGES = {
    "Forecast": ("", "Model har version"),
    "History": ("history", "Daily bars"),
    "Status": ("status", "Records database"),
}


def pages(size: Size) -> Iterator[Figure]:
    """Forecast, History and Status, warm, with few tickers and with many."""
    many = max(MANY_AT_LEAST, size.many)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings(home=Path(folder))
        workspace = Workspace(settings)
        fill(workspace, 0, FEW)
        now = datetime.now(UTC)
        train(workspace.bars, workspace.registry, TrainingRequest("bench", "first"), now)
        browser = launch(playwright, chromium_path())
        few = _opened(browser, settings.home, FEW)
        yield from few.values()
        fill(workspace, FEW, many)
        yield measure("the index made anew", many, lambda: _anew(settings))
        for name, found in _opened(browser, settings.home, many).items():
            ratio, limit = found.seconds / few[name].seconds, RATIO * few[name].seconds
            yield replace(found, what=f"{found.what}, {ratio:.2f} times", limit=limit)
        browser.close()


def fill(workspace: Workspace, first: int, end: int) -> None:
    """Tickers with bars up to the last session, a line of log each, and a fault."""
    now = datetime.now(UTC)
    calendar = SHIPPED["XNYS"]
    last = calendar.latest_closed(now)
    days = calendar.sessions[calendar.sessions <= last][-SESSIONS:]
    symbols = [f"T{number}" for number in range(first, end)]
    for number, symbol in enumerate(symbols, first):
        bars = walk(symbol, SESSIONS, seed=number).assign(source="yahoo", session=days)
        workspace.bars.upsert(bars)
        workspace.quarantine.add([_fault(symbol, days[-9], now)])
    workspace.watchlist.add(map(Ticker.parse, symbols), "yahoo", now)
    ok = [IngestAttempt(now, one, "yahoo", IngestOutcome.OK) for one in symbols]
    workspace.ingest_log.add(ok)
    workspace.bars.summaries()


def _fault(symbol: str, day: pd.Timestamp, now: datetime) -> QuarantineEntry:
    on = day.date()
    return QuarantineEntry(
        symbol, "yahoo", Fault.JUMP, on, on, 1, "A jump.", Hold.PRICES, "digest", now
    )


def _anew(settings: Settings) -> None:
    Path(settings.bars_address, ".index").unlink()
    Workspace(settings).bars.summaries()


def _opened(browser: Browser, home: Path, count: int) -> dict[str, Figure]:
    """Each page, opened again and again after it was opened once."""
    found = {}
    with served(home) as address:
        page, _ = open_page(browser)
        for name, (path, text) in _PAGES.items():
            opens = _opens(page, f"{address}/{path}", text)
            opens()
            found[name] = typical(f"{name} with {count:,} tickers", 1, opens)
        page.context.close()
    return found


def _opens(page: Page, address: str, text: str) -> Callable[[], None]:
    def work() -> None:
        page.goto(address)
        last = page.get_by_text(text).first
        expect(last).to_be_visible(timeout=_TIMEOUT_MILLISECONDS)
        idle(page)

    return work
