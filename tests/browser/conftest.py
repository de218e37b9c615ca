"""An app for each module of browser tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chromium import served


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser-home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as found:
        yield found
