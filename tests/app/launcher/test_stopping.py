"""The wish to stop survives any storm of signals."""

import os
import signal
import subprocess
import sys
import time

from app.launcher.stopping import Stop
from tests.house.tree import ROOT


def test_nobody_wishes_it_yet() -> None:
    assert not Stop().wait(0.0)


def test_a_wish_stays() -> None:
    stop = Stop()
    for _ in range(100_000):  # more than a pipe holds
        stop.set()
    assert stop.wait(0.0) and stop.wait(5.0)


CHILD = """
import signal
from app.launcher.stopping import Stop
stop = Stop()
signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
print("ready", flush=True)
while not stop.wait(0.05):
    pass
"""


def test_many_signals_at_once_end_the_wait() -> None:
    order = [sys.executable, "-c", CHILD]
    with subprocess.Popen(order, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        deadline = time.monotonic() + 20
        while child.poll() is None and time.monotonic() < deadline:
            os.kill(child.pid, signal.SIGTERM)
        assert child.wait(5) in (0, -signal.SIGTERM)
