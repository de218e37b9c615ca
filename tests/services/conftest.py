"""A home where the sample was loaded and trained on, shared because training takes seconds."""

import shutil
from pathlib import Path

import pytest

from core.services.sample import load_sample
from tests.homes import AT, Home, open_home


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Only to be read; take `copied` to change something."""
    home = open_home(tmp_path_factory.mktemp("trained"))
    load_sample(home.intake, home.registry, home.audit, "ann", AT)
    return home


@pytest.fixture
def copied(trained: Home, tmp_path: Path) -> Home:
    trained.database.close()  # the last connection folds SQLite's log into the file
    return open_home(Path(shutil.copytree(trained.path, tmp_path / "home")))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)
