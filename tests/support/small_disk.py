"""A little disk of one's own, to be filled or made read-only, which only one process sees."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

# In a namespace of its own a mount ends with the process, and needs no rights but a user's own.
_APART = ["unshare", "--mount", *(["--map-root-user"] if os.getuid() else []), "--"]
_MOUNT = ["mount", "-t", "tmpfs", "-o"]

BEGIN = """
import os, subprocess, sys
from pathlib import Path

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + sys.argv[2], "tmpfs", disk], check=True)


def fill():
    "Leave not one block."
    with open(disk / "filling", "ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                assert error.errno == 28, error


def free():
    (disk / "filling").unlink()


def protect(mode="ro"):
    subprocess.run(["mount", "-o", "remount," + mode, disk], check=True)


def refused(work):
    "The sentence with which it is refused."
    from core.foundation.errors import TickerLensError
    try:
        work()
    except TickerLensError as error:
        return error.message
    raise AssertionError("it was not refused")


def python(*arguments, **environment):
    "Another process, with the same disk."
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True, text=True, env=os.environ | environment,
    )


"""


def on_small_disk(tmp_path: Path, program: str, size: str = "3m") -> str:
    """What a program prints that has a disk of that size at `disk`, and ends well.

    It may call `fill()` and `free()`, `protect()`, `refused(work)` and `python(...)`.
    """
    _need_mounts(tmp_path)
    order = [*_APART, sys.executable, "-c", BEGIN + program, str(tmp_path), size]
    done = subprocess.run(order, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _need_mounts(folder: Path) -> None:
    try:
        order = [*_APART, *_MOUNT, "size=4k", "tmpfs", str(folder)]
        done = subprocess.run(order, capture_output=True, text=True)
        reason = "" if done.returncode == 0 else done.stderr.strip()
    except OSError as error:
        reason = str(error)
    if reason and os.environ.get("TICKERLENS_REQUIRE_ALL") == "1":
        pytest.fail(f"A disk cannot be mounted ({reason}), and TICKERLENS_REQUIRE_ALL=1.")
    if reason:
        pytest.skip(f"A disk cannot be mounted here: {reason}.")
