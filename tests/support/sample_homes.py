"""A home where the sample was loaded and trained on, shared because training takes seconds."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from core.forecasts.ledger.ledger import Ledger
from core.foundation.sql.database import Database
from core.wiring import Workspace
from core.workflows.load_sample import load_sample
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
    home = open_home(tmp_path_factory.mktemp("trained"))
    load_unwritten(home, tmp_path_factory.mktemp("ledger"), AT)
    return home


@pytest.fixture
def copied(trained: Home, tmp_path: Path) -> Home:
    trained.database.close()  # the last connection folds SQLite's log into the file
    return open_home(Path(shutil.copytree(trained.path, tmp_path / "home")))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)
