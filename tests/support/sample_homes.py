"""A home where the sample was loaded and trained on, shared because training takes seconds."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.forecasts.ledger.ledger import Ledger
from core.foundation.sql.database import Database
from core.wiring import Workspace
from core.workflows.bars.load_sample import load_sample
from tests.support.built_once import copy_of
from tests.support.databases import sqlite_records
from tests.support.homes import AT, Home, open_home


def load_unwritten(workspace: Workspace, folder: Path, at: datetime) -> None:
    """Load the sample with a ledger elsewhere: most tests write the first row themselves."""
    elsewhere = Database(sqlite_records(folder / "records.db"))
    workspace.ledger = Ledger(elsewhere)
    load_sample(workspace, "ann", at)
    del workspace.ledger
    elsewhere.close()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Only to be read; take `copied` to change something."""

    def build(folder: Path) -> None:
        home = open_home(folder)
        load_unwritten(home, tmp_path_factory.mktemp("ledger"), AT)
        home.database.close()

    return open_home(copy_of(tmp_path_factory, "trained", build))


def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of one's own whose sample was loaded just now, as a first visitor leaves it."""

    def build(folder: Path) -> None:
        home = open_home(folder)
        load_sample(home, "test", datetime.now(UTC))
        home.database.close()

    return copy_of(tmp_path_factory, "loaded", build)


@pytest.fixture
def copied(trained: Home, tmp_path: Path) -> Home:
    trained.database.close()  # the last connection folds SQLite's log into the file
    return open_home(Path(shutil.copytree(trained.path, tmp_path / "home")))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)
