"""What people wait for: Experiments with many runs in a real browser, and going back."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.foundation.settings import Settings
from core.lifecycle.train import TrainingRequest, train
from core.wiring import Workspace
from core.workflows.bars.load_sample import load_sample
from tests.benchmarks.experiments import CONDITION, RUNS, fill
from tests.benchmarks.measure import Figure, Size, measure, typical
from tests.support.chromium import ROOT, chromium_path, idle, launch, open_page, served
from tests.support.mlflow_server import Server
from tests.support.ports import black_hole, free_port

_TIMEOUT_MILLISECONDS = 60_000  # milliseconds
_ALL = "Page 1, 50 runs."
_SILENT = re.compile("MLflow (does not answer|has not answered)")


def waits(size: Size) -> Iterator[Figure]:
    """To open Experiments and to filter it, MLflow up and silent; to go back and to see it."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings(home=Path(folder))
        _two_versions(settings)
        fill(settings.mlflow_address, settings.home / "runs")
        browser = launch(playwright, chromium_path())
        yield from _with_a_file(browser, settings)
        yield from _with_a_server(browser, settings)
        browser.close()


def _with_a_file(browser: Browser, settings: Settings) -> Iterator[Figure]:
    with served(settings.home) as address:
        page, _ = open_page(browser)
        opens = _until(page, lambda: page.goto(f"{address}/experiments"), _ALL)
        opens()  # imports
        yield typical(f"Experiments with {RUNS} runs opens", 1, opens, 1.5)
        yield typical("and is filtered", 1, _filters(page), 0.6)
        page.goto(f"{address}/?ticker=AAPL")
        _seen(page, "Model har version 2, trained on")
        yield measure("going back on the command line", 1, lambda: _roll_back(settings), 5.0)
        sees = _until(page, page.reload, "Model har version 1, trained on")
        yield measure("and the running app forecasts by it", 1, sees, 60.0)


def _with_a_server(browser: Browser, settings: Settings) -> Iterator[Figure]:
    """A server that answers, and then something that lets everybody connect and says nothing."""
    folder, port = settings.home / "server", free_port()
    folder.mkdir()
    server = Server(folder, port, settings.mlflow_address)
    server.start()
    try:
        with served(settings.home, TICKERLENS_MLFLOW_URL=server.url) as address:
            page, _ = open_page(browser)
            opens = _until(page, lambda: page.goto(f"{address}/experiments"), _ALL)
            opens()
            server.kill()
            with black_hole(port):
                found = _until(page, lambda: page.goto(f"{address}/experiments"), _SILENT, _ALL)
                yield measure("while MLflow is silent, banner and table", 1, found, 3.0)
    finally:
        server.kill()


def _two_versions(settings: Settings) -> None:
    """Of the sample, the second of which serves."""
    registry, now = Workspace(settings).registry, _now()
    load_sample(Workspace(settings), "bench", now)
    model = train(Workspace(settings).bars, registry, TrainingRequest("bench", "again"), now)
    registry.promote(model.version, "bench", "to go back from", now)


def _until(
    page: Page, act: Callable[[], object], *texts: str | re.Pattern[str]
) -> Callable[[], None]:
    """Acts, and waits until the page has said all of it."""

    def work() -> None:
        act()
        for text in texts:
            _seen(page, text)

    return work


def _filters(page: Page) -> Callable[[], None]:
    """Puts in a condition, and the next time takes it out again."""
    field = page.get_by_label("Filter", exact=True)
    few = f"{CONDITION} and metrics.skill_all < 0.55"
    idle(page)

    def work() -> None:
        empty = field.input_value() == ""
        field.fill(few if empty else "")
        field.press("Enter")
        _seen(page, "Page 1, 24 runs." if empty else _ALL)

    return work


def _roll_back(settings: Settings) -> None:
    subprocess.run(
        [sys.executable, "-m", "flows", "rollback", "--reason", "to measure it"],
        cwd=ROOT,
        env={**os.environ, "TICKERLENS_HOME": str(settings.home)},
        check=True,
        capture_output=True,
    )


def _seen(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_text(text)).to_be_visible(timeout=_TIMEOUT_MILLISECONDS)


def _now() -> datetime:
    return datetime.now(UTC)
