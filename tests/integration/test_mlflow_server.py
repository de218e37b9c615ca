"""A real MLflow server that is killed and comes back: forecasts go on, nothing is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from core.foundation.settings import Settings
from core.lifecycle.train import TrainingRequest
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.training.publish import publish
from core.workflows.training.train import train
from tests.support.bars import walk
from tests.support.forecasts import forecast
from tests.support.mlflow_server import Server
from tests.support.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
AAPL = Ticker.parse("AAPL")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "mlflow"
    folder.mkdir()
    found = Server(folder, free_port())
    found.start()
    yield found
    found.kill()


def reported(settings: Settings) -> dict[str, Any]:
    at = datetime.now(UTC)
    bars, registry = Workspace(settings).bars, Workspace(settings).registry
    return forecast(bars, registry, AAPL, at).to_dict()


@pytest.mark.soak
def test_killed_mlflow_changes_no_forecast_and_loses_no_training(
    server: Server, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home", mlflow_url=server.url)
    Workspace(settings).bars.upsert(walk(sessions=700).assign(source="csv"))
    first = train(Workspace(settings), TrainingRequest("ann", "first"))
    assert (first["alias"], first["mlflow"]) == ("champion", {"added": [1], "error": ""})
    before = reported(settings)

    server.kill()
    assert reported(settings) == before
    second = train(Workspace(settings), TrainingRequest("ann", "while it is down"))
    assert second["alias"] == "challenger" and second["mlflow"]["added"] == []
    assert second["mlflow"]["error"].startswith("MLflow does not answer")
    assert reported(settings) == before

    server.start()
    assert publish(Workspace(settings), datetime.now(UTC))["mlflow"] == {"added": [2], "error": ""}
    client = MlflowClient(tracking_uri=server.url, registry_uri=server.url)
    aliases = client.get_registered_model("forecaster").aliases
    assert {name: int(version) for name, version in aliases.items()} == {
        "champion": 1,
        "challenger": 2,
    }
    run_id = Workspace(settings).mlflow_mirror.run_ids()[2]
    copy = client.download_artifacts(run_id, "model/2.npz", str(tmp_path))
    mine = Workspace(settings).registry.artifact(2)
    assert Path(copy).read_bytes() == mine.read_bytes()
