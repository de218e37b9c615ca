"""An app whose state lives in a temporary folder; the sample is trained once and copied."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner

from app.state import actions, dependencies
from app.state.stores import Stores, stores
from core.foundation.errors import StorageError
from core.foundation.settings import Settings
from core.wiring import Workspace, open_records
from tests.support.built_once import copy_of
from tests.support.sample_homes import load_unwritten

# Each AppTest looks through the metadata of all installed packages for components of theirs, a
# second's work; what is installed does not change while the tests run.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest leaves a page behind as `__main__`, which spawned processes would then run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def build(folder: Path) -> None:
        settings = Settings(home=folder)
        elsewhere = tmp_path_factory.mktemp("ledger")
        load_unwritten(Workspace(settings), elsewhere, datetime(2026, 11, 20, tzinfo=UTC))
        Workspace(settings).records.close()

    return copy_of(tmp_path_factory, "sample-home", build)


@pytest.fixture
def open_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Stores]]:
    """Call it to point the app at an empty home, or at a copy of a given one."""

    def forget() -> None:
        if stores.cache_info().currsize:
            with suppress(StorageError):  # where the test was that nothing answers
                stores().records.close()
            stores().runs.close()
        stores.cache_clear()
        dependencies.health_checker.cache_clear()
        actions.jobs.cache_clear()
        open_records.cache_clear()
        st.cache_data.clear()

    def opened(filled: Path | None = None) -> Stores:
        home = tmp_path / "home"
        if filled is not None:
            shutil.copytree(filled, home)
        monkeypatch.setenv("TICKERLENS_HOME", str(home))
        for name in ("PREFECT", "EXPORTER"):
            monkeypatch.setenv(f"TICKERLENS_{name}_PORT", "9")  # where nobody listens
        forget()
        return stores()

    yield opened
    forget()


@pytest.fixture
def empty(open_app: Callable[..., Stores]) -> Stores:
    return open_app()


@pytest.fixture
def sample(open_app: Callable[..., Stores], sample_home: Path) -> Stores:
    return open_app(sample_home)
