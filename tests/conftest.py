"""What holds for every test."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import chromium_path, launch
from tests.yahoo.server import FakeYahoo, served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests; each test has a profile of its own."""
    path = chromium_path()
    with sync_playwright() as playwright:
        running = launch(playwright, path)
        yield running
        running.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the evaluation data where there is none."""
    if os.environ.get("TICKERLENS_EVALUATION_DATA"):
        return
    out = [item for item in items if item.get_closest_marker("evaluation")]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


@pytest.fixture
def yahoo() -> Iterator[FakeYahoo]:
    """A Yahoo on loopback that knows no ticker until it is given frames."""
    with served(FakeYahoo()) as fake:
        yield fake
