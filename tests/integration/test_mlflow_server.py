"""A real MLflow server that is killed and comes back: forecasts go on, nothing is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from core import wiring
from core.services.forecast import forecast
from core.services.progress import silent
from core.services.train import Order
from core.settings import Settings
from core.tickers import Ticker
from flows import work
from tests.bars import walk
from tests.mlflow_server import Server
from tests.ports import free_port

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
