"""Processes that fight for a lease and are killed at any moment: it never has two holders."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.foundation.sql.database import Database
from core.foundation.sql.leases import Leases
from tests.house.tree import ROOT
from tests.support.trials import TRIALS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 60 * TRIALS)]
FIGHTERS, TTL_SECONDS = 3, 5.0  # less than the true one, so that more are killed in a time
FREE_WITHIN_SECONDS = TTL_SECONDS + 5
# The witness is a lock of the operating system, which knows nothing of leases.
FIGHTS = """
import fcntl, os, random, sys, time
from core.foundation.errors import BusyError
from core.foundation.sql.database import Database
from core.foundation.sql.leases import Leases
leases, mine = Leases(Database(sys.argv[1]), float(sys.argv[4])), str(os.getpid())
with open(sys.argv[2], "a") as lock, open(sys.argv[3], "a") as log:
    print("ready", flush=True)
    while True:
        try:
            with leases.hold("train:all", mine, 1.0):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    log.write(f"two {mine}\\n")
                    log.flush()
                log.write(f"one {mine}\\n")
                log.flush()
                time.sleep(random.uniform(0, 0.3))
                fcntl.flock(lock, fcntl.LOCK_UN)
        except BusyError:
            time.sleep(random.uniform(0, 0.05))
"""


def fighter(url: str, folder: Path) -> "subprocess.Popen[str]":
    order = [
        sys.executable,
        "-c",
        FIGHTS,
        url,
        str(folder / "lock"),
        str(folder / "log"),
        str(TTL_SECONDS),
    ]
    child = subprocess.Popen(order, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    return child


def end(children: "list[subprocess.Popen[str]]") -> None:
    for child in children:
        child.kill()
        child.communicate()


def test_a_lease_never_has_two_holders_and_is_free_soon_after_a_kill(
    records_url: str, tmp_path: Path
) -> None:
    leases, chance, waits = Leases(Database(records_url), TTL_SECONDS), random.Random(7), []
    children = [fighter(records_url, tmp_path) for _ in range(FIGHTERS)]
    killed = 0
    try:
        for _ in range(TRIALS):
            time.sleep(chance.uniform(0.2, 1.0))
            deadline = time.monotonic() + FREE_WITHIN_SECONDS
            holder = ""
            while not holder and time.monotonic() < deadline:  # kill the one that has it
                holder = next((one.holder for one in leases.in_force()), "")
            victim = next((one for one in children if str(one.pid) == holder), children[0])
            fence = max((one.fence for one in leases.in_force()), default=0)
            end([victim])
            start, killed = time.monotonic(), killed + 1
            while not any(one.fence > fence for one in leases.in_force()):
                assert time.monotonic() - start < FREE_WITHIN_SECONDS
                time.sleep(0.02)
            waits.append(time.monotonic() - start)
            children[children.index(victim)] = fighter(records_url, tmp_path)
    finally:
        end(children)
    lines = (tmp_path / "log").read_text().splitlines()
    assert not [one for one in lines if one.startswith("two")]
    assert len({one.split()[1] for one in lines}) > 1, "nobody fought"
    print(
        f"{killed} kills, {len(lines)} holders one after the other; taken again after "
        f"{min(waits):.2f} to {max(waits):.2f} s"
    )
