"""`python -m flows` for tests: in this process, where nothing but starting another would differ."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from tests.house.tree import ROOT
from tests.support.built_once import copy_of


def called(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """How a command ends and what it prints, run in this process."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("TICKERLENS_HOME", str(home))
        for name, value in environment.items():
            patch.setenv(name, value)
        code = main(list(arguments))
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def run_command(home: Path, *arguments: str, **environment: str) -> Any:
    """The object that a command run in this process prints."""
    done = called(home, *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def started(home: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows", *arguments],
        cwd=ROOT,
        env={**os.environ, "TICKERLENS_HOME": str(home), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `make demo` leaves it, and in demo.json what it printed."""

    def build(folder: Path) -> None:
        done = ended(started(folder, "demo"))
        assert done.returncode == 0, done.stderr
        (folder / "demo.json").write_text(done.stdout.splitlines()[-1])

    return copy_of(tmp_path_factory, "demo", build)


def ended(child: "subprocess.Popen[str]", seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """How it ended and what it printed."""
    out, err = child.communicate(timeout=seconds)
    return subprocess.CompletedProcess(child.args, child.returncode, out, err)
