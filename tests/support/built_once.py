"""Folders that take seconds to make: one test process makes each, and all take copies."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def copy_of(folders: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """A new folder with what `build` puts into an empty one, which is called once in a run.

    A build that fails is tried anew by whoever asks next.
    """
    own = folders.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / "built-once" / name
    made.parent.mkdir(mode=0o700, exist_ok=True)
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = made.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700)
            build(unfinished)
            unfinished.rename(made)
    return Path(shutil.copytree(made, folders.mktemp(name) / "home"))
