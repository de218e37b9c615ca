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
        ("core/models/a.py", "from core.storage.bars import x", "may not import core.storage"),
        ("core/models/a.py", "from core import storage", "may not import core.storage"),
        ("core/models/a.py", "from ..market import yahoo", "may not import core.market"),
        ("core/models/__init__.py", "from ..market import yahoo", "may not import core.market"),
        ("core/models/a.py", "def f():\n    import core.services.train", "may not import"),
        ("core/errors.py", "import core.market", "may not import core.market"),
        ("core/market/a.py", "import app.server", "may not import app"),
        ("core/new/a.py", "import core.errors", "not in the table"),
        ("app/runs.py", "import flows.nightly", "may not import flows"),
        ("flows/a.py", "from monitoring import exporter", "may not import monitoring"),
        ("monitoring/drift.py", "from app import runs", "may not import app"),
        ("core/services/a.py", "from core import wiring", "only entry points"),
        ("core/services/a.py", "from core.wiring import open_bars", "only entry points"),
        ("monitoring/drift.py", "import core.wiring", "only entry points"),
        ("core/models/a.py", "import streamlit as st", "only app may"),
        ("app/views/a.py", "from plotly import graph_objects", "only app.components may"),
        ("app/actions.py", "import prefect", "only flows and app.runs may"),
        ("core/services/a.py", "from mlflow.tracking import x", "only core.registry may"),
        ("core/market/csv.py", "import yfinance", "only core.market.client may"),
        ("core/services/a.py", "from curl_cffi import requests", "only core.market.client may"),
        ("core/registry/a.py", "from alembic import op", "only core.storage may"),
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
        (
            "core/models/a.py",
            "from core.features import build\nfrom core.errors import E\nimport numpy",
        ),
        ("core/models/a.py", "from .b import c\nfrom core.models.b import c"),
        ("core/services/a.py", "import core.market, core.registry, core.forecasts"),
        ("core/wiring.py", "import core.services.train, core.storage.bars, core.settings"),
        ("app/views/a.py", "import streamlit\nfrom core import wiring\nfrom app.queries import x"),
        ("flows/a.py", "import prefect\nfrom monitoring.drift import measure\nimport core.wiring"),
        ("monitoring/exporter.py", "import os, core.wiring, prometheus_client\nos.environ"),
        ("core/storage/ledger.py", "import sqlalchemy"),
        ("core/settings.py", "import os\nos.environ"),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, name: str, code: str) -> None:
    assert list(breaches(tmp_path, example(tmp_path, name, code))) == []


def example(folder: Path, name: str, code: str) -> Path:
    """A small tree with one file in it."""
    parts = ("features", "models", "market", "storage", "registry", "forecasts", "services")
    for part in parts:
        (folder / "core" / part).mkdir(parents=True)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code)
    return path
