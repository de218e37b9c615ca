"""Homes written by the program of earlier stages: they open, lose nothing and forecast at once."""

import shutil
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.foundation.settings import Settings
from core.lifecycle.wanted_training import training_wanted
from core.wiring import Workspace
from core.workflows.training.trainings import trainings
from tests.support.commands import run_command

ARCHIVE = Path(__file__).parent / "homes" / "old.tar.xz"
TICKERS = ["2412.TW", "KO", "PEP"]
# One of each layout, the oldest first, and others of the same; see homes/README.md.
LAYOUTS = ("0c2733b", "15ba96d", "43c1d73", "5b0d1e3", "afb2e3b", "79ee98c", "4adf10e")
LIKE_THEM = ("3626252", "b0f56b7", "9302fa5", "780b509", "61e14c6", "8d0dbfe")


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def home(unpacked: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return Path(shutil.copytree(unpacked / request.param, tmp_path / "home"))


def rows(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What was on record, but for how it was sealed: by table, the columns that it had."""
    with sqlite3.connect(home / "records.db") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        stored = [
            one for one in ("model_versions", "alias_moves", "audit", "forecasts") if one in names
        ]
        return {
            one: connection.execute(f"SELECT * FROM {one} ORDER BY 1").fetchall() for one in stored
        }


@pytest.mark.parametrize("home", [*LAYOUTS, *LIKE_THEM], indirect=True)
def test_it_forecasts_at_once_by_the_champion_it_has(home: Path) -> None:
    before = rows(home)
    result = run_command(home, "forecast")
    # The session after these bars is over: a forecast that is new comes too late for the ledger.
    assert result["status"] == ("partial" if result["late"] else "ok") and not result["failed"]
    assert [one["ticker"] for one in result["forecasts"]] == TICKERS
    for one in result["forecasts"]:
        assert one["model"] == {"name": "har", "version": "1"} and one["note"] is None
        assert one["as_of"] == "2026-11-27" and len(one["predictions"]) == 20
    after = rows(home)
    for name, content in before.items():
        width = len(content[0])
        assert [row[:width] for row in after[name]][: len(content)] == content, name
    verified = run_command(home, "ledger", "verify")
    assert verified["forecasts"] >= len(before.get("forecasts", []))
    assert not training_wanted(*opened(home))


@pytest.mark.parametrize("home", LAYOUTS[::3], indirect=True)
def test_without_a_model_that_can_be_read_the_fallback_forecasts(home: Path) -> None:
    (home / "models" / "1.npz").write_bytes(b"of another version")
    for one in run_command(home, "forecast")["forecasts"]:
        assert one["model"] == {"name": "random_walk", "version": "untrained"}
        assert one["note"].startswith("Version 1 cannot serve, nor can any version before it,")
    assert str(training_wanted(*opened(home))) == "version 1 cannot serve"


@pytest.mark.soak
@pytest.mark.parametrize("home", ["0c2733b"], indirect=True)
def test_the_night_trains_where_nothing_serves(home: Path) -> None:
    (home / "models" / "1.npz").write_bytes(b"of another version")
    result = run_command(home, "nightly")
    assert result["train"]["alias"] == "champion"
    assert set(result["failed"]) == {"ingest"}, "no ticker of it came from Yahoo"
    assert {one["model"]["version"] for one in result["forecast"]["forecasts"]} == {"2"}


@pytest.mark.parametrize("home", ["43c1d73"], indirect=True)
def test_the_night_goes_on(home: Path) -> None:
    result = run_command(home, "nightly")
    assert "train" not in result and set(result["failed"]) == {"ingest"}
    assert result["monitor"]["signals"] and result["forecast"]["status"] == "ok"


OLD_REQUESTS = (
    (1, "k1", "train", '{"scope": "us", "reason": "x"}', "ann", "r1", "2026-11-02", "COMPLETED"),
    (2, "k2", "train", '{"scope": "all"}', "program", None, "2026-11-03", "CANCELLED"),
    (3, "k3", "monitor", "{}", "bob", None, None, None),
)


@pytest.mark.parametrize("home", LAYOUTS[1::5], indirect=True)
def test_what_was_asked_for_stays_on_record(home: Path) -> None:
    with closing(sqlite3.connect(home / "records.db")) as connection, connection:
        connection.executemany(
            "INSERT INTO requests (id, key, flow, parameters, who, run_id, ended_at, outcome, "
            "asked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '2026-11-01')",
            OLD_REQUESTS,
        )
    here = Workspace(Settings(home=home))
    at = datetime(2026, 11, 5, tzinfo=UTC)
    found = trainings(here, at)
    assert [(one.request.scope, one.request.origin, one.state) for one in found] == [
        ("all", "program", "cancelled"),
        ("us", "page", "completed"),
    ]
    assert here.outbox.open()[0].flow == "monitor"
    assert here.outbox.ask("train", {"scope": "us"}, "ann", at)[1]


def test_each_commit_has_its_home(unpacked: Path) -> None:
    assert {one.name for one in unpacked.iterdir()} == {*LAYOUTS, *LIKE_THEM}


def opened(home: Path) -> Any:
    settings = Settings(home=home)
    return Workspace(settings).registry, Workspace(settings).bars
