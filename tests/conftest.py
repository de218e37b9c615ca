"""What holds for every test."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

from core.foundation.keys.caller import Caller, called_from
from core.foundation.sql.database import Database
from tests.support.chromium import chromium_path, launch
from tests.support.databases import empty, postgres_database, sqlite_records
from tests.support.exchange.server import FakeExchange
from tests.support.exchange.server import served as exchange_served
from tests.support.places import Place
from tests.support.trials import SOAK_TRIALS, TRIALS
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo, served

# Homes, apps and panels that tests of several rooms look at.
pytest_plugins = (
    "tests.support.sample_homes",
    "tests.support.watched_homes",
    "tests.support.app_homes",
    "tests.support.panels",
)

if TYPE_CHECKING:
    from tests.support.s3_server import S3Server


@pytest.fixture(autouse=True)
def _own_caller() -> Iterator[None]:
    """From where a test acted is not from where the next one does."""
    with called_from(Caller()):
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests; each test has a profile of its own."""
    path = chromium_path()
    with sync_playwright() as playwright:
        running = launch(playwright, path)
        yield running
        running.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs data that is not there, or belongs to `make soak`; begin with what takes
    long.

    Test processes take a file at a time: one that starts real processes must not come last, when
    the others have nothing left to do.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    without = set()
    if not os.environ.get("TICKERLENS_EVALUATION_DATA"):
        without.add("evaluation")
    if TRIALS < SOAK_TRIALS:
        without.add("soak")
    out = [item for item in items if without & {mark.name for mark in item.iter_markers()}]
    if out:
        config.hook.pytest_deselected(items=out)
        left = set(out)
        items[:] = [item for item in items if item not in left]


@pytest.fixture
def yahoo() -> Iterator[FakeYahoo]:
    """A Yahoo on loopback that knows no ticker until it is given frames."""
    with served(FakeYahoo()) as fake:
        yield fake


@pytest.fixture
def exchange() -> Iterator[FakeExchange]:
    """Taiwan's exchanges on loopback, with one ticker of theirs."""
    with exchange_served(FakeExchange({"2330.TW": series("2330.TW")})) as fake:
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
        return sqlite_records(tmp_path / "records" / "records.db")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def untouched_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that was never opened, on each back end in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'records.db'}"
        return
    with postgres_database() as url:
        yield url


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator["S3Server"]:
    """A real S3 server with an empty bucket."""
    from tests.support.s3_server import s3_server  # its client costs every run half a second

    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where no bars are stored yet, on each back end in turn."""
    if request.param == "folder":
        return Place(bars_url=str(tmp_path / "lake"))
    return Place(**request.getfixturevalue("s3").settings())
