"""Whose eyes a home folder is for, whoever makes it and whatever was there before."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.foundation.home import keep_private
from tests.house.tree import ROOT
from tests.support.chromium import served
from tests.support.homes import open_to_others


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def loose(home: Path) -> None:
    """What an earlier version left behind: everything there for everybody."""
    for name in ("bars/.locks", "logs", "models", "prefect/ui", "tokens"):
        (home / name).mkdir(parents=True)
        (home / name / "file").write_text("secret")
    (home / "records.db").touch()
    (home / "records.db-wal").touch()
    assert len(open_to_others(home)) > 12


def test_pages_that_the_scheduler_copies_are_closed_though_all_else_is(tmp_path: Path) -> None:
    keep_private(tmp_path)
    for name in ("records.db", "prefect/ui/assets/index.js", "prefect/ui/index.html"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "prefect" / "ui").chmod(0o755)
    (tmp_path / "prefect" / "ui" / "assets").chmod(0o755)
    (tmp_path / "prefect" / "ui" / "index.html").chmod(0o644)
    keep_private(tmp_path)
    assert open_to_others(tmp_path) == []


COMMANDS = [
    ("app", "signin"),
    ("flows", "ingest", "--source", "sample"),
    ("flows", "sessions"),
]


@pytest.mark.parametrize(
    ("command", "before"),
    [
        (COMMANDS[0], "an empty folder"),
        (COMMANDS[1], "no home"),
        (COMMANDS[2], "a loose one"),
        pytest.param(COMMANDS[0], "no home", marks=pytest.mark.soak),
        pytest.param(COMMANDS[1], "a loose one", marks=pytest.mark.soak),
    ],
)
def test_a_command_keeps_its_home_private(
    command: tuple[str, ...], before: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    if before != "no home":
        home.mkdir()
    if before == "a loose one":
        loose(home)
        (home / "records.db").unlink()  # which was no database
        (home / "records.db-wal").unlink()
    environment = {**os.environ, "TICKERLENS_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not home.exists() or home.stat().st_mode & 0o777 == 0o700
    if home.exists() and any(home.iterdir()):
        assert open_to_others(home) == []


@pytest.mark.slow
def test_the_app_alone_keeps_its_home_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("bars", "tokens"):
        (home / name).mkdir(parents=True)
    with served(home):
        (home / "server.log").chmod(0o600)  # this test's own
        assert (home / "records.db").exists() and open_to_others(home) == []


def test_a_home_of_before_is_closed_and_may_be_used_as_before(tmp_path: Path) -> None:
    loose(tmp_path)
    script = tmp_path / "models" / "run"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    keep_private(tmp_path)
    assert open_to_others(tmp_path) == []
    assert script.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "tokens" / "file").read_text() == "secret"


def test_what_is_somebody_else_s_stays_as_it_is(tmp_path: Path) -> None:
    shared, home = tmp_path / "shared", tmp_path / "home"
    for folder in (shared, home / "holidays"):
        folder.mkdir(parents=True)
        (folder / "picture").touch(0o644)
    (home / "records.db").touch()
    (home / "models").symlink_to(shared)
    (home / "logs").mkdir()
    (home / "logs" / "link").symlink_to(shared / "picture")
    keep_private(home)
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "holidays" / "picture").stat().st_mode & 0o777 == 0o644
    assert shared.stat().st_mode & 0o777 == 0o755
    sticky = tmp_path / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    (sticky / "records.db").touch()
    keep_private(sticky)
    assert sticky.stat().st_mode & 0o7777 == 0o1777
    assert (sticky / "records.db").stat().st_mode & 0o777 == 0o600


def test_a_missing_home_stays_missing(tmp_path: Path) -> None:
    keep_private(tmp_path / "no" / "home")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "new").touch(0o666)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
