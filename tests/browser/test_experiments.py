"""Experiments in a real browser: runs appear, are filtered, chosen and compared."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from core.foundation.settings import Settings
from core.lifecycle.publish import publish
from core.lifecycle.train import TrainingRequest, train
from core.wiring import Workspace
from tests.support.chromium import idle, open_page, served
from tests.support.sample_homes import loaded

pytestmark = [
    *(pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]
ROW = 35  # pixels


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sample trained on twice, both on record in MLflow."""
    settings, now = Settings(home=loaded(tmp_path_factory)), datetime.now(UTC)
    registry = Workspace(settings).registry
    bars = Workspace(settings).bars
    later = now + timedelta(minutes=1)
    train(bars, registry, TrainingRequest("bob", "a plain one", name="ewma"), later)
    publish(registry, Workspace(settings).mlflow_mirror, now)
    with served(settings.home) as found:
        yield found


def choose(page: Page, row: int) -> None:
    """Tick a row of the runs; the table is a canvas, so by its place."""
    idle(page)
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 14, box["y"] + ROW * row + ROW / 2)
    page.wait_for_timeout(500)
    idle(page)


@pytest.mark.soak
def test_runs_are_filtered_chosen_and_compared(browser: Browser, address: str) -> None:
    page, outside = open_page(browser)
    page.goto(f"{address}/experiments")
    expect(page.get_by_text("Page 1, 2 runs.")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("How version 1 compares with baselines")).to_be_visible()
    choose(page, 1)
    expect(page.get_by_text("How version 2 compares with baselines")).to_be_visible(timeout=30_000)
    choose(page, 2)
    expect(page.get_by_text("What tells them apart")).to_be_visible(timeout=30_000)
    filter_ = page.get_by_label("Filter", exact=True)
    filter_.fill("params.forecaster = 'ewma'")
    filter_.press("Enter")
    expect(page.get_by_text("Page 1, 1 run.")).to_be_visible(timeout=30_000)
    expect(page).to_have_url(re.compile("filter=params.forecaster"))
    page.reload()
    expect(page.get_by_text("Page 1, 1 run.")).to_be_visible(timeout=60_000)
    filter_.fill("skill is good")
    filter_.press("Enter")
    expect(page.get_by_text("MLflow does not understand this filter")).to_be_visible(timeout=30_000)
    assert outside == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_its_window(browser: Browser, address: str, width: int) -> None:
    page, _ = open_page(browser, width)
    page.goto(f"{address}/experiments")
    expect(page.get_by_text("Who served when")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Page 1, 2 runs.")).to_be_visible(timeout=90_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
