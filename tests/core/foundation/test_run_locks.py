"""A lock that ends with its process says who is still at work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.foundation.run_locks import GivenUpError, RunLocks
from tests.house.tree import ROOT

CHILD = """
import sys, time
from pathlib import Path
from core.foundation.run_locks import RunLocks
with RunLocks(Path(sys.argv[1])).alive("run-1"):
    print("ready", flush=True)
    sys.stdin.read()
"""


AGAIN = """
import sys
from pathlib import Path
from core.foundation.run_locks import RunLocks
print("ready", flush=True)
while True:
    with RunLocks(Path(sys.argv[1])).alive("run-1"):
        pass
"""


def test_beginnings_and_ends_are_never_taken_for_an_early_end(tmp_path: Path) -> None:
    run_locks, order = RunLocks(tmp_path), [sys.executable, "-c", AGAIN, str(tmp_path)]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        early = sum(run_locks.orphaned("run-1") for _ in range(20_000))
        child.kill()
    assert early == 0


def test_what_never_began_has_not_ended_early(tmp_path: Path) -> None:
    assert not RunLocks(tmp_path / "none").orphaned("run-1")


def test_a_killed_process_ended_early_and_a_finished_one_did_not(tmp_path: Path) -> None:
    run_locks, order = RunLocks(tmp_path), [sys.executable, "-c", CHILD, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen(order, **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == "ready\n"
        assert not run_locks.orphaned("run-1")
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert run_locks.orphaned("run-1")
    with subprocess.Popen(order, **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == "ready\n"
        assert not run_locks.orphaned("run-1")
        child.stdin.close()
        assert child.wait() == 0
    assert not run_locks.orphaned("run-1") and list(tmp_path.iterdir()) == []


def test_a_process_that_does_not_end_by_itself_is_ended(tmp_path: Path) -> None:
    run_locks, order = RunLocks(tmp_path), [sys.executable, "-c", CHILD, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen(order, **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == "ready\n"
        assert run_locks.is_alive("run-1")
        run_locks.kill("run-1")
        assert child.wait(10) == -signal.SIGKILL
    assert not run_locks.is_alive("run-1")
    run_locks.kill("run-1")  # nobody is there


def test_a_process_of_another_machine_is_left_alone(tmp_path: Path) -> None:
    run_locks = RunLocks(tmp_path)
    with run_locks.alive("run-1"):
        (tmp_path / "run-1").write_text(f"elsewhere {os.getpid()}")
        run_locks.kill("run-1")
        assert run_locks.is_alive("run-1")


def test_what_was_given_up_does_not_begin_until_much_later(tmp_path: Path) -> None:
    run_locks = RunLocks(tmp_path)
    run_locks.give_up("run-1")
    assert not run_locks.orphaned("run-1") and not run_locks.is_alive("run-1")
    with pytest.raises(GivenUpError, match="^This run was given up before it began.$"):
        with run_locks.alive("run-1"):
            pass
    old(tmp_path / "run-1", 1000)
    with run_locks.alive("run-1"):
        assert run_locks.is_alive("run-1")


def test_only_what_nobody_needs_is_swept(tmp_path: Path) -> None:
    run_locks = RunLocks(tmp_path)
    for name in ("killed", "kept", "new", ".0123"):
        (tmp_path / name).write_text("here 1")
    run_locks.give_up("given-up")
    with run_locks.alive("at-work"):
        for name in ("killed", "kept", ".0123", "at-work", "given-up"):
            old(tmp_path / name, 100)
        run_locks.sweep(["kept"])
        assert {path.name for path in tmp_path.iterdir()} == {"kept", "new", "given-up", "at-work"}
    old(tmp_path / "given-up", 1000)
    run_locks.sweep([])
    assert {path.name for path in tmp_path.iterdir()} == {"new"}


def test_what_a_clock_that_was_ahead_left_behind_is_swept_too(tmp_path: Path) -> None:
    run_locks = RunLocks(tmp_path)
    (tmp_path / "killed").write_text("here 1")
    run_locks.give_up("given-up")
    for path in tmp_path.iterdir():
        old(path, -30 * 24 * 3600)
    run_locks.sweep([])
    assert not list(tmp_path.iterdir())


def old(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))
