"""What holds for every test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from core.storage.database import Database
from tests.browser.chromium import chromium_path, launch
from tests.databases import empty, postgres_database
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


@pytest.fixture(scope="session")
def _shared_postgres() -> Iterator[str]:
    with postgres_database() as url:
        Database(url).close()
        yield url


@pytest.fixture
def postgres_url(_shared_postgres: str) -> str:
    """The address of records without a row on PostgreSQL."""
    empty(_shared_postgres)
    return _shared_postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def records_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of records without a row, on each back end in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records' / 'records.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def untouched_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that was never opened, on each back end in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'records.db'}"
        return
    with postgres_database() as url:
        yield url
