"""The same work on many shards: in order, in processes that end with this one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.foundation.errors import NotFoundError, TickerLensError
from core.wiring import Workspace
from core.workflows import spread as spreading
from core.workflows.spread import spread
from tests.support.homes import open_home


def doubled(workspace: Workspace, number: int) -> tuple[int, int]:
    if number == 3:
        raise NotFoundError("test.three", "There is no {number}.", {"number": number})
    return 2 * number, os.getpid()


def deadly(workspace: Workspace, number: int) -> tuple[int, int]:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number, os.getpid()


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "_processors", lambda: 2)
    monkeypatch.setattr(spreading, "_MIN_SHARDS", 4)


def test_answers_come_in_order_and_a_failure_is_that_of_its_shard(
    two: None, tmp_path: Path
) -> None:
    found = list(spread(doubled, range(9), 9, open_home(tmp_path)))
    assert [shard for shard, _ in found] == list(range(9))
    results = dict(found)
    failed = results.pop(3)
    assert isinstance(failed, TickerLensError) and failed.message == "There is no 3."
    pids = set()
    for shard, result in results.items():
        assert not isinstance(result, TickerLensError) and result[0] == 2 * shard
        pids.add(result[1])
    assert os.getpid() not in pids


def test_a_few_shards_are_worked_on_here(two: None, tmp_path: Path) -> None:
    found = list(spread(doubled, [5, 6], 2, open_home(tmp_path)))
    assert found == [(5, (10, os.getpid())), (6, (12, os.getpid()))]


def test_a_shard_that_kills_its_process_is_named_and_the_rest_is_done(
    two: None, tmp_path: Path
) -> None:
    found = dict(spread(deadly, range(6), 6, open_home(tmp_path)))
    failed = {one for one, result in found.items() if isinstance(result, TickerLensError)}
    assert failed == {2} and len(found) == 6
    assert "was killed" in str(found[2])


def test_shards_are_asked_for_as_their_turn_comes(two: None, tmp_path: Path) -> None:
    taken: list[int] = []

    def shards() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number + 10

    results = spread(doubled, shards(), 20, open_home(tmp_path))
    next(results)
    assert len(taken) <= 6
    results.close()


CHILD = """
import sys
from pathlib import Path
from core.workflows import spread as spreading
from tests.core.workflows.test_spread import asleep
from tests.support.homes import open_home

if __name__ == "__main__":
    spreading._processors = lambda: 2
    spreading._MIN_SHARDS = 4
    list(spreading.spread(asleep, range(4), 4, open_home(Path(sys.argv[1]))))
"""


def asleep(workspace: Workspace, number: int) -> None:
    (workspace.settings.home / f"pid-{number}").write_text(str(os.getpid()))
    time.sleep(600)


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)])
    files = [tmp_path / "pid-0", tmp_path / "pid-1"]
    try:
        while not all(path.exists() and path.read_text() for path in files):
            assert child.poll() is None
            time.sleep(0.05)
        pids = [int(path.read_text()) for path in files]
        assert len({child.pid, *pids}) == 3
    finally:
        child.kill()
        child.wait()
    for _ in range(200):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return
        time.sleep(0.05)
    raise AssertionError("a process outlived the one that had started it")
