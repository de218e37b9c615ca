"""A real MLflow server that is killed and comes back: forecasts go on, nothing is lost."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from app.launch import QUIET
from core import wiring
from core.services.forecast import forecast
from core.services.progress import silent
from core.services.train import Order
from core.settings import Settings
from core.tickers import Ticker
from flows import work
from tests.bars import walk
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
START_SECONDS = 90
AAPL = Ticker.parse("AAPL")


@dataclass
class Server:
    """`mlflow server` on a folder; it can be killed and started again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        store = ("--backend-store-uri", f"sqlite:///{self.folder / 'server.db'}")
        place = ("--artifacts-destination", str(self.folder / "artifacts"))
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1")
        with (self.folder / "server.log").open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mlflow", "server", *store, *place, *where],
                env={**os.environ, **QUIET, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
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


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "mlflow"
    folder.mkdir()
    found = Server(folder, free_port())
    found.start()
    yield found
    found.kill()


def stated(settings: Settings) -> dict[str, Any]:
    at = datetime.now(UTC)
    bars, registry = wiring.open_bars(settings.bars_address), wiring.open_registry(settings)
    return forecast(bars, registry, AAPL, at).to_dict()


def test_killed_mlflow_changes_no_forecast_and_loses_no_training(
    server: Server, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home", mlflow_url=server.url)
    wiring.open_bars(settings.bars_address).upsert(walk(sessions=700).assign(source="csv"))
    first = work.train(settings, Order("ann", "first"), silent)
    assert (first["alias"], first["mlflow"]) == ("champion", {"added": [1], "error": ""})
    before = stated(settings)

    server.kill()
    assert stated(settings) == before
    second = work.train(settings, Order("ann", "while it is down"), silent)
    assert second["alias"] == "challenger" and second["mlflow"]["added"] == []
    assert second["mlflow"]["error"].startswith("MLflow does not answer")
    assert stated(settings) == before

    server.start()
    assert work.publish(settings, silent)["mlflow"] == {"added": [2], "error": ""}
    client = MlflowClient(tracking_uri=server.url, registry_uri=server.url)
    aliases = client.get_registered_model("forecaster").aliases
    assert {name: int(version) for name, version in aliases.items()} == {
        "champion": 1,
        "challenger": 2,
    }
    run_id = wiring.open_mlflow(settings).run_ids()[2]
    copy = client.download_artifacts(run_id, "model/2.npz", str(tmp_path))
    mine = wiring.open_registry(settings).artifact(2)
    assert Path(copy).read_bytes() == mine.read_bytes()
