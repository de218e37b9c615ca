"""Imports point only where ARCHITECTURE allows."""

from pathlib import Path

import pytest

from tests.house.layers import OWN, breaches
from tests.house.tree import ROOT, files


def test_the_project_keeps_its_layers() -> None:
    paths = [path for path in files("*.py") if path.relative_to(ROOT).parts[0] in OWN]
    assert len(paths) > 10
    assert [line for path in paths for line in breaches(ROOT, path)] == []


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("core/models/a.py", "from core.registry.gate import x", "may not import core.registry"),
        ("core/models/a.py", "from core import registry", "may not import core.registry"),
        ("core/models/a.py", "from ..market_data import x", "may not import core.market_data"),
        ("core/models/__init__.py", "from ..evaluation import x", "may not import core.evaluation"),
        ("core/models/a.py", "def f():\n    import core.lifecycle.train", "may not import"),
        ("core/foundation/a.py", "import core.reference", "may not import core.reference"),
        ("core/market_data/a.py", "import core.models", "may not import core.models"),
        ("core/lifecycle/a.py", "import core.forecasts", "may not import core.forecasts"),
        ("core/forecasts/a.py", "import core.market_data.ingest", "may not import"),
        ("core/market_data/a.py", "import app.server", "may not import app"),
        ("core/new/a.py", "import core.foundation.errors", "not in the table"),
        ("app/state/a.py", "import flows.nightly", "may not import flows"),
        ("flows/a.py", "from monitoring import exporter", "may not import monitoring"),
        ("monitoring/a.py", "from app.state import jobs", "may not import app"),
        ("core/lifecycle/a.py", "from core import wiring", "only entry points"),
        ("core/lifecycle/a.py", "from core.wiring import open_bars", "only entry points"),
        ("monitoring/evidently_report.py", "import core.wiring", "only entry points"),
        ("core/models/a.py", "import streamlit as st", "only app may"),
        ("app/state/a.py", "from plotly import graph_objects", "app.components and app.views"),
        ("app/state/actions.py", "import prefect", "only flows and app.state.prefect_client may"),
        ("core/lifecycle/a.py", "from mlflow.tracking import x", "only core.registry may"),
        ("core/market_data/sources/csv_file.py", "import yfinance", "yahoo_client may"),
        ("core/lifecycle/a.py", "from curl_cffi import requests", "yahoo_client may"),
        ("core/models/a.py", "from numba import njit", "only core.features.compiled may"),
        ("core/registry/a.py", "from alembic import op", "only core.foundation.sql may"),
        ("app/state/a.py", "from core.market_data.ingest import ingest", "only core.workflows"),
        ("flows/a.py", "from core.lifecycle.train import train", "only core.workflows"),
        ("core/models/a.py", "import os\nos.environ['A']", "reads the environment"),
        ("app/views/a.py", "import os\nos.getenv('A')", "reads the environment"),
        ("app/views/a.py", "from os import environ", "reads the environment"),
    ],
)
def test_a_breach_is_seen(tmp_path: Path, name: str, code: str, reason: str) -> None:
    found = list(breaches(tmp_path, example(tmp_path, name, code)))
    assert len(found) == 1 and reason in found[0]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("core/models/a.py", "from core.features import build\nimport core.foundation, numpy"),
        ("core/models/a.py", "from .b import c\nfrom core.models.b import c"),
        ("core/forecasts/a.py", "import core.market_data.lake.bar_store, core.registry"),
        ("core/workflows/a.py", "import core.market_data, core.lifecycle, core.wiring"),
        ("core/wiring.py", "import core.lifecycle.train, core.foundation.settings"),
        ("app/views/a.py", "import streamlit, plotly\nfrom core import wiring\nimport app.main"),
        ("app/state/a.py", "from core.lifecycle.train import TrainingRequest"),
        ("core/workflows/a.py", "from core.market_data.ingest import ingest"),
        ("flows/a.py", "import prefect, core.wiring\nfrom monitoring.evidently_report import x"),
        ("monitoring/exporter.py", "import os, core.wiring, prometheus_client\nos.environ"),
        ("core/forecasts/ledger/tables.py", "import sqlalchemy"),
        ("core/foundation/settings.py", "import os\nos.environ"),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, name: str, code: str) -> None:
    assert list(breaches(tmp_path, example(tmp_path, name, code))) == []


def example(folder: Path, name: str, code: str) -> Path:
    """A tree with one file in it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code)
    return path
