"""Runs that nobody works on: when they are given up, and when they are left alone."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.state.prefect_client import Run
from app.state.reaper import Reaper
from core.foundation.outbox import RunState
from core.foundation.run_locks import GivenUpError, RunLocks
from tests.core.foundation.test_run_locks import CHILD
from tests.house.tree import ROOT

RUN = Run("run-1", RunState.RUNNING, "Running", "", datetime.now(UTC), None, 0.0, {})


class Prefect:
    """The two calls that a reaper makes, with a run as the only one."""

    def __init__(self, state: RunState) -> None:
        self.run, self.given_up = replace(RUN, state=state), 0

    def active(self) -> list[Run]:
        return [] if self.given_up else [self.run]

    def give_up(self, run: Run, message: str) -> None:
        assert run == self.run and message.endswith(".")
        self.given_up += 1


@pytest.mark.parametrize(
    ("state", "seconds"),
    [(RunState.CANCELLING, 8), (RunState.RUNNING, 120), (RunState.PENDING, 180)],
)
def test_a_run_without_a_sign_of_life_is_given_up(
    tmp_path: Path, state: RunState, seconds: int
) -> None:
    prefect, run_locks, now = Prefect(state), RunLocks(tmp_path), [1000.0]
    reaper = Reaper(run_locks, prefect, lambda: now[0])  # type: ignore[arg-type]
    for second in range(seconds):
        now[0] = 1000.0 + second
        reaper.look()
    assert prefect.given_up == 0
    now[0] += 1
    reaper.look()
    assert prefect.given_up == 1
    with pytest.raises(GivenUpError), run_locks.alive("run-1"):
        pass


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.PENDING])
def test_a_run_at_work_is_left_alone_however_long_it_takes(tmp_path: Path, state: RunState) -> None:
    prefect, run_locks, now = Prefect(state), RunLocks(tmp_path), [1000.0]
    reaper = Reaper(run_locks, prefect, lambda: now[0])  # type: ignore[arg-type]
    with run_locks.alive("run-1"):
        for _ in range(3):
            now[0] += 10_000
            reaper.look()
        assert run_locks.is_alive("run-1")
    reaper.look()  # it has just ended, and Prefect does not know it yet
    assert prefect.given_up == 0


def test_a_new_state_begins_a_new_patience(tmp_path: Path) -> None:
    prefect, now = Prefect(RunState.PENDING), [1000.0]
    reaper = Reaper(RunLocks(tmp_path), prefect, lambda: now[0])  # type: ignore[arg-type]
    reaper.look()
    prefect.run, now[0] = replace(RUN, state=RunState.RUNNING), 1170.0
    reaper.look()
    now[0] = 1280.0
    reaper.look()
    assert prefect.given_up == 0


def test_a_killed_run_is_given_up_and_its_lock_file_goes(tmp_path: Path) -> None:
    prefect, order = Prefect(RunState.RUNNING), [sys.executable, "-c", CHILD, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    reaper = Reaper(RunLocks(tmp_path), prefect)  # type: ignore[arg-type]
    with subprocess.Popen(order, **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == "ready\n"
        reaper.look()
        assert prefect.given_up == 0 and [one.name for one in tmp_path.iterdir()] == ["run-1"]
        child.send_signal(signal.SIGKILL)
        child.wait(10)
    assert list(tmp_path.iterdir()), "what ends by SIGKILL tidies nothing away"
    reaper.look()
    assert prefect.given_up == 1 and list(tmp_path.iterdir()) == []


def test_lock_files_of_runs_that_prefect_ended_itself_go_too(tmp_path: Path) -> None:
    prefect, run_locks = Prefect(RunState.RUNNING), RunLocks(tmp_path)
    for name in ("run-0", "run-1"):
        (tmp_path / name).write_text("here 1")
        os.utime(tmp_path / name, (0, 0))
    prefect.given_up = 1  # Prefect knows of none that is under way
    with run_locks.alive("run-2"):
        Reaper(run_locks, prefect).look()  # type: ignore[arg-type]
        assert [one.name for one in tmp_path.iterdir()] == ["run-2"]
