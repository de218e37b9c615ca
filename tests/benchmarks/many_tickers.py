"""What people wait for where many tickers are stored: pages in a real browser, beside few."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.foundation.settings import Settings
from core.lifecycle.train import TrainingRequest, train
from core.market_data.checks.finding import Fault
from core.market_data.lake.lake_index import NAME as INDEX
from core.market_data.records.ingest_log import IngestAttempt, IngestOutcome
from core.market_data.records.quarantine import QuarantineEntry
from core.reference.bar_holds import Hold
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.wiring import Workspace
from tests.benchmarks.measure import Figure, Size, measure, middle
from tests.support.bars import walk
from tests.support.chromium import chromium_path, idle, launch, open_page, served

FEW, MANY_AT_LEAST = 20, 200  # tickers
SESSIONS = 600
OPENED = 9  # times each
RATIO = 1.3  # that a page may take with many, of what it takes with few
_TIMEOUT_MILLISECONDS = 120_000
# The last that each page draws.
_PAGES = {
    "Forecast": ("", "Model har version"),
    "History": ("history", "Daily bars"),
    "Status": ("status", "Records database"),
}


def pages(size: Size) -> Iterator[Figure]:
    """Forecast, History and Status, warm, with few tickers and with many, by turns."""
    many = max(MANY_AT_LEAST, size.many)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        small, large = Path(folder, "few"), Path(folder, "many")
        workspace = Workspace(Settings(home=small))
        fill(workspace, 0, FEW)
        now = datetime.now(UTC)
        train(workspace.bars, workspace.registry, TrainingRequest("bench", "first"), now)
        shutil.copytree(small, large)
        fill(Workspace(Settings(home=large)), FEW, many)
        yield measure("the index made anew", many, lambda: _anew(large))
        browser = launch(playwright, chromium_path())
        yield from by_turns(browser, {FEW: small, many: large})
        browser.close()


def by_turns(browser: Browser, homes: dict[int, Path]) -> Iterator[Figure]:
    """Each page with few tickers and with many, opened by turns after it was opened once."""
    with ExitStack() as running:
        addresses = {count: running.enter_context(served(home)) for count, home in homes.items()}
        shown = {count: open_page(browser)[0] for count in homes}
        for name, (path, text) in _PAGES.items():
            opens = {
                count: _opens(shown[count], f"{address}/{path}", text)
                for count, address in addresses.items()
            }
            for work in opens.values():
                work()
            times: dict[int, list[Figure]] = {count: [] for count in homes}
            for _ in range(OPENED):
                for count, work in opens.items():
                    times[count].append(measure(f"{name} with {count:,} tickers", 1, work))
            yield from _beside(*map(middle, times.values()))


def _beside(few: Figure, many: Figure) -> Iterator[Figure]:
    yield few
    what = f"{many.what}, {many.seconds / few.seconds:.2f} times"
    yield replace(many, what=what, limit=RATIO * few.seconds)


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


def _anew(home: Path) -> None:
    settings = Settings(home=home)
    Path(settings.bars_address, INDEX).unlink()
    Workspace(settings).bars.summaries()


def _opens(page: Page, address: str, text: str) -> Callable[[], None]:
    def work() -> None:
        page.goto(address)
        last = page.get_by_text(text).first
        expect(last).to_be_visible(timeout=_TIMEOUT_MILLISECONDS)
        idle(page)

    return work
