"""A real MLflow server of a test's own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.launcher.launch import QUIET
from core.foundation.sql.addresses import with_driver

START_SECONDS = 90
_ONE_PROCESS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


@dataclass
class Server:
    """`mlflow server` on a folder; it can be killed and started again.

    `store` and `artifacts` are the addresses it keeps things at, in the folder if empty; `keys`
    are variables that it needs to reach them.
    """

    folder: Path
    port: int
    store: str = ""
    artifacts: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        store = with_driver(self.store) or f"sqlite:///{self.folder / 'server.db'}"
        place = ("--artifacts-destination", self.artifacts or str(self.folder / "artifacts"))
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1")
        with (self.folder / "server.log").open("ab") as sink:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "mlflow",
                    "server",
                    "--backend-store-uri",
                    store,
                    *place,
                    *where,
                ],
                env={**os.environ, **QUIET, **self.keys, **_ONE_PROCESS},
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "server.log").read_text()[-2000:]
            time.sleep(0.3)

    def kill(self) -> None:
        """Kill it and all its workers."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False
