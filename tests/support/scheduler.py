"""A real Prefect server and the process that runs its flows, on a home and a free port."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from app.launcher.processes import processes, scheduler_environment
from app.state.prefect_client import Run, Runs
from core.foundation.settings import Settings
from core.wiring import Workspace
from tests.house.tree import ROOT
from tests.support.ports import free_port
from tests.support.prefect_database import migrated

START_SECONDS = 120
RUN_SECONDS = 120


@dataclass
class Scheduler:
    """The two processes; each can be ended and started again."""

    settings: Settings
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @cached_property
    def runs(self) -> Runs:
        """The app's own door to it, with patience for a busy machine."""
        return Runs(Workspace(self.settings).scheduler, timeout=30)

    def start(self, name: str, **environment: str) -> None:
        """Start "prefect" or "flows" as `make run` does."""
        command = next(one.command for one in processes(self.settings) if one.name == name)
        log = self.settings.home / f"{name}.test.log"
        own = {
            **scheduler_environment(self.settings),
            "TICKERLENS_HOME": str(self.settings.home),
            "TICKERLENS_PREFECT_PORT": str(self.settings.prefect_port),
            "PYTHONWARNINGS": "default",
        }
        with log.open("ab") as sink:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **own, **environment},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    def end(self, name: str, kind: signal.Signals = signal.SIGTERM) -> None:
        """End one of them with all its children."""
        process = self.running.pop(name)
        os.killpg(process.pid, kind)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def until_ready(self) -> None:
        """Wait until a flow could be run."""
        deadline = time.monotonic() + START_SECONDS
        while not self.runs.ready():
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.3)

    def ended(self, run_id: str) -> Run:
        """The run once it has ended."""
        deadline = time.monotonic() + RUN_SECONDS
        while not (run := self.runs.get(run_id)).ended:
            assert time.monotonic() < deadline, f"{run}\n{self.output()}"
            time.sleep(0.3)
        return run

    def output(self) -> str:
        """The ends of both logs."""
        logs = sorted(self.settings.home.glob("*.test.log"))
        return "\n".join(f"{log.name}: {log.read_text()[-2500:]}" for log in logs)


@contextmanager
def scheduled(home: Path, **environment: str) -> Iterator[Scheduler]:
    """Both processes on a home, until the block ends."""
    found = Scheduler(Settings(home=migrated(home), prefect_port=free_port()))
    try:
        found.start("prefect", **environment)
        found.start("flows", **environment)
        found.until_ready()
        yield found
    finally:
        for name in list(found.running):
            found.end(name, signal.SIGKILL)
        found.runs.close()
