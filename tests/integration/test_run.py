"""`make run` as a whole: it says when it is ready, heals what dies, and leaves nothing behind."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.launcher.supervisor import Supervisor, socket_path
from core.models import create
from tests.house.tree import ROOT
from tests.support.bars import walks
from tests.support.cards import CARD
from tests.support.homes import AT, open_home, open_to_others
from tests.support.ports import free_port
from tests.support.prefect_database import migrated

pytestmark = pytest.mark.slow

START_SECONDS = 120  # on a busy machine; the promises below are the product's own
HEAL_SECONDS = 90
STOP_SECONDS = 10
NAME = 'it\'s 100% "home" ;#'


@dataclass
class Run:
    """A running `python -m app`."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    output: Path

    def printed(self) -> str:
        return self.output.read_text()

    def healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/health")
            response = connection.getresponse()
            return bool(json.loads(response.read())["status"] == "ok")
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return False
        finally:
            connection.close()

    def pids(self) -> dict[str, int]:
        """Of the supervised processes that run by now."""
        states = Supervisor(self.home).states() or {}
        return {name: state.pid for name, state in states.items() if state.pid}

    def all_run(self) -> bool:
        return set(self.pids()) == set(Supervisor(self.home).states() or {}) != set()

    def end(self, kind: signal.Signals) -> int:
        self.process.send_signal(kind)
        return self.process.wait(STOP_SECONDS)


Starter = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Starts `python -m app` on a home whose name has everything that needs quoting."""
    begun: list[Run] = []

    def begin(home: Path = tmp_path / NAME, port: int = 0) -> Run:
        port = port or free_port()
        if not home.exists():
            migrated(home)
        output = tmp_path / f"output{len(begun)}"
        environment = {
            **{name: text for name, text in os.environ.items() if "TICKERLENS" not in name},
            "TICKERLENS_HOME": str(home),
            "TICKERLENS_PORT": str(port),
            "TICKERLENS_PREFECT_PORT": str(free_port()),
            "TICKERLENS_EXPORTER_PORT": str(free_port()),
            "TICKERLENS_HOST": "127.0.0.1",
            "TICKERLENS_ALLOWED_HOSTS": "127.0.0.1,localhost",
        }
        with output.open("w") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "app"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                text=True,
                umask=0o022,  # as a person's shell has it
            )
        begun.append(Run(process, home, port, output))
        return begun[-1]

    yield begin
    for run in begun:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(2 * STOP_SECONDS)


def until(what: Callable[[], object], seconds: float, run: Run) -> None:
    """Wait for an outcome; the output of the run explains why it did not come."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, run.printed()
        time.sleep(0.2)


def ready(run: Run) -> bool:
    assert run.process.poll() is None, run.printed()
    return "Ctrl-C stops everything." in run.printed()


def gone(pid: int) -> bool:
    """Whether a process has ended (one that nobody has collected yet has)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return listed.stdout.strip().startswith("Z") or not listed.stdout.strip()


def loose(home: Path) -> None:
    """A home that everybody may read, as an earlier program made them."""
    open_home(home).registry.register(create("ewma").fit(walks(2, 400)), CARD, AT)
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert len(open_to_others(home)) > 3


def test_a_day_in_the_life(start: Starter, tmp_path: Path) -> None:
    loose(tmp_path / NAME)
    run = start()
    until(lambda: ready(run), START_SECONDS, run)
    address = f"http://127.0.0.1:{run.port}"
    assert f"ready at {address}\n" in run.printed()
    assert f"{address}/api/signin?key=" in run.printed()
    assert run.healthy()
    assert run.home.stat().st_mode & 0o777 == 0o700
    token = run.home / "tokens" / "developer"
    assert str(token) in run.printed() and token.stat().st_mode & 0o077 == 0

    until(run.all_run, START_SECONDS, run)
    assert open_to_others(run.home) == []
    for name, pid in run.pids().items():
        os.kill(pid, signal.SIGKILL)
        until(lambda: run.pids().get(name) not in (pid, None), HEAL_SECONDS, run)
        until(run.healthy, HEAL_SECONDS, run)
        expected = f"{name} ended unexpectedly and is started again."
        until(lambda: expected in run.printed(), HEAL_SECONDS, run)

    second = start(port=free_port())
    assert second.process.wait(START_SECONDS) == 1
    assert second.printed().startswith("TickerLens is already running on ")
    assert run.healthy()

    pids = run.pids().values()
    assert pids
    assert run.end(signal.SIGINT) == 0, run.printed()
    assert all(map(gone, pids)) and not run.healthy()
    assert "Traceback" not in run.printed()


def test_terminate_while_starting_leaves_nothing(start: Starter) -> None:
    run = start()
    until(lambda: run.pids().get("app"), START_SECONDS, run)
    pids = run.pids().values()
    assert run.end(signal.SIGTERM) == 0, run.printed()
    assert all(map(gone, pids))


def test_a_run_cleans_up_after_one_that_was_killed(start: Starter) -> None:
    first = start()
    until(lambda: first.pids().get("app"), START_SECONDS, first)
    left = first.pids()["app"]
    first.process.kill()
    first.process.wait()

    second = start(port=first.port)
    until(lambda: "Starting TickerLens" in second.printed(), START_SECONDS, second)
    assert "an earlier run had left behind" in second.printed()
    assert gone(left)


def test_without_supervisord_everything_ends(start: Starter) -> None:
    run = start()
    until(lambda: ready(run) and run.all_run(), START_SECONDS, run)
    pids = run.pids().values()
    os.kill(int((run.home / "supervisord.pid").read_text()), signal.SIGKILL)
    assert run.process.wait(STOP_SECONDS) == 1
    assert "supervisord ended unexpectedly" in run.printed()
    assert all(map(gone, pids))


def test_a_busy_port_is_one_sentence(start: Starter) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = start(port=port)
        assert run.process.wait(START_SECONDS) == 1
    assert run.printed().startswith(f"Port {port} on 127.0.0.1 cannot be used")
    assert "TICKERLENS_PORT" in run.printed() and len(run.printed().splitlines()) == 1


def test_the_app_of_another_launch_is_not_taken_for_this_one_s(
    start: Starter, tmp_path: Path
) -> None:
    first = start(home=tmp_path / "one")
    second = start(home=tmp_path / "two", port=first.port)
    both = (first, second)
    until(lambda: any("is ready" in one.printed() for one in both), START_SECONDS, first)
    (loser,) = (one for one in both if "is ready" not in one.printed())
    expected = f"ort {first.port} "
    until(lambda: expected in loser.printed(), START_SECONDS, loser)
    assert "TICKERLENS_PORT" in loser.printed() and "is ready" not in loser.printed()


def test_one_port_for_two_processes_is_refused(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    same = {"TICKERLENS_HOME": home, "TICKERLENS_PORT": "8701", "TICKERLENS_EXPORTER_PORT": "8701"}
    order = [sys.executable, "-m", "app"]
    done = subprocess.run(
        order, cwd=ROOT, env={**os.environ, **same}, capture_output=True, text=True
    )
    expected = "TICKERLENS_EXPORTER_PORT is 8701, as is TICKERLENS_PORT; choose another.\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_a_broken_database_is_named_while_waiting(start: Starter, tmp_path: Path) -> None:
    home = tmp_path / "broken"
    home.mkdir()
    (home / "records.db").write_bytes(b"not a database " * 1000)
    run = start(home=home)
    expected = "Still waiting for the app: The records database cannot be opened at "
    until(lambda: expected in run.printed(), START_SECONDS, run)
    assert run.end(signal.SIGINT) == 0, run.printed()
    assert "Traceback" not in run.printed()


def test_a_model_that_cannot_be_read_is_named_and_keeps_nothing_from_starting(
    start: Starter, tmp_path: Path
) -> None:
    made = open_home(tmp_path / "altered")
    version = made.registry.register(create("ewma").fit(walks(2, 400)), CARD, AT).version
    made.registry.promote(version, "ann", "the first", AT)
    made.registry.artifact(version).write_bytes(b"altered")
    made.database.close()
    run = start(home=made.path)
    until(lambda: ready(run), START_SECONDS, run)
    assert "model 1.npz was altered" in run.printed()
    until(run.all_run, START_SECONDS, run)  # the scheduler too, with which a training mends it
    assert run.end(signal.SIGINT) == 0, run.printed()


def test_a_full_disk_is_one_sentence(start: Starter, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("This system has no /dev/full.")
    home = tmp_path / "full"
    home.mkdir()
    (home / "supervisord.conf").symlink_to("/dev/full")
    run = start(home=home)
    assert run.process.wait(START_SECONDS) == 1
    expected = f"No space left on the disk that holds {home}; free some and try again."
    assert run.printed().splitlines()[-1] == expected
    assert "Traceback" not in run.printed()


def test_a_long_home_path_works(start: Starter, tmp_path: Path) -> None:
    run = start(home=tmp_path / ("long" * 40))
    until(lambda: ready(run), START_SECONDS, run)
    outside = socket_path(run.home).parent
    assert outside != run.home and outside.stat().st_mode & 0o777 == 0o700
    assert run.end(signal.SIGTERM) == 0, run.printed()
    assert not outside.exists()
