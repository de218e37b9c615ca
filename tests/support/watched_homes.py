"""A home as `make demo` and one monitoring leave it, shared because both take seconds."""

from pathlib import Path

import pytest

from core.lifecycle.monitor import build_report, monitoring_input
from core.lifecycle.report_store import Report
from core.workflows.bars.load_sample import load_sample
from monitoring.evidently_report import measure
from tests.support.built_once import copy_of
from tests.support.homes import AT, Home, open_home


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Only to be read."""
    return open_home(copy_of(tmp_path_factory, "watched", _build))


def _build(folder: Path) -> None:
    home = open_home(folder)
    load_sample(home, "ann", AT)
    windows = monitoring_input(home.bars, home.registry)
    measured = measure(windows)
    report = build_report(windows, measured.distances, measured.quality, AT)
    home.reports.add(report, measured.pages)
    home.database.close()


@pytest.fixture(scope="session")
def report(watched: Home) -> Report:
    return watched.reports.latest(1)[0]
