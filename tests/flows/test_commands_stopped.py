"""Ctrl-C: a line says what is stored by then, and before anything began that nothing was."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.lifecycle.train import TrainingRequest, train
from flows import cli
from flows.progress import ProgressBar
from tests.house.tree import ROOT
from tests.support.bars import walks
from tests.support.homes import AT, Home, correct, open_home


class _StopsAt(ProgressBar):
    """A person presses Ctrl-C while one step is under way."""

    step = ""

    def __call__(self, step: str, done: int, total: int, part: str = "") -> None:
        if step == self.step:
            raise KeyboardInterrupt


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A champion, version 1, and bars that it does not know."""
    home = open_home(tmp_path)
    home.bars.upsert(walks(2, 1000))
    train(home.bars, home.registry, TrainingRequest("ann", "first"), AT)
    correct(home.bars, "T0")
    monkeypatch.setenv("TICKERLENS_HOME", str(home.path))
    return home


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("Fitting har", "What was stored before stays."),
        (
            "Asking the gate",
            "Version 2 is stored and is the challenger. The gate was not asked about it.",
        ),
        ("Recording in MLflow", "Version 2 is stored and is the champion."),
    ],
)
def test_it_is_said_what_is_stored_and_where_it_stands(
    mine: Home,
    step: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(_StopsAt, "step", step)
    monkeypatch.setattr(cli, "ProgressBar", _StopsAt)
    assert cli.main(["train", "--gate"]) == 130
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1
    assert printed.err.startswith(f"Stopped. {expected}")
    stored = "Version 2" in expected
    assert len(mine.again().registry.versions()) == 1 + stored
    requested = mine.again().outbox.open()  # so that MLflow gets it too
    assert [one.flow for one in requested] == ["publish"] * stored


@pytest.mark.parametrize("module", ["argparse", "numpy", "pandas", "core.wiring"])
def test_ctrl_c_while_importing_is_one_line(module: str, tmp_path: Path) -> None:
    # Its own account of its imports says when it is in the middle of them, on any machine.
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "flows", "train"],
        cwd=ROOT,
        env={**os.environ, "TICKERLENS_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.rpartition("|")[2].strip().startswith(module):
            break
    process.send_signal(signal.SIGINT)
    rest = [line for line in process.stderr if not line.startswith("import time:")]
    process.stderr.close()
    assert process.wait(30) == 130
    assert len(rest) == 1 and rest[0].startswith("Stopped"), rest
