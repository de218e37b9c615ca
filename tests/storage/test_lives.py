"""A lock that ends with its process says who is still at work."""

import signal
import subprocess
import sys
from pathlib import Path

from core.storage.lives import Lives
from tests.house.tree import ROOT

CHILD = """
import sys, time
from pathlib import Path
from core.storage.lives import Lives
with Lives(Path(sys.argv[1])).alive("run-1"):
    print("ready", flush=True)
    sys.stdin.read()
"""


AGAIN = """
import sys
from pathlib import Path
from core.storage.lives import Lives
print("ready", flush=True)
while True:
    with Lives(Path(sys.argv[1])).alive("run-1"):
        pass
"""


def test_beginnings_and_ends_are_never_taken_for_an_early_end(tmp_path: Path) -> None:
    lives, order = Lives(tmp_path), [sys.executable, "-c", AGAIN, str(tmp_path)]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        early = sum(lives.ended_early("run-1") for _ in range(20_000))
        child.kill()
    assert early == 0


def test_what_never_began_has_not_ended_early(tmp_path: Path) -> None:
    assert not Lives(tmp_path / "none").ended_early("run-1")


def test_a_killed_process_ended_early_and_a_finished_one_did_not(tmp_path: Path) -> None:
    lives, order = Lives(tmp_path), [sys.executable, "-c", CHILD, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen(order, **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == "ready\n"
        assert not lives.ended_early("run-1")
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert lives.ended_early("run-1")
    with subprocess.Popen(order, **pipes) as child:  # type: ignore[call-overload]
        assert child.stdout.readline() == "ready\n"
        assert not lives.ended_early("run-1")
        child.stdin.close()
        assert child.wait() == 0
    assert not lives.ended_early("run-1") and list(tmp_path.iterdir()) == []
