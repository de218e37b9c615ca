"""MLflow killed, silent and back while the app serves: no forecast fails or waits for it."""

import http.client
import json
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import numpy as np
import pytest

from core.lifecycle.train import TrainingRequest, train
from tests.support.bars import walks
from tests.support.chromium import served
from tests.support.homes import AT, open_home
from tests.support.mlflow_server import Server
from tests.support.ports import black_hole, free_port
from tests.support.trials import TRIALS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS, REQUESTS = (5, 100) if TRIALS >= 50 else (1, 20)


def ask(address: str) -> list[float]:
    """Ask for forecasts of every horizon over one connection; milliseconds each took."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    took = []
    for number in range(REQUESTS):
        body = json.dumps({"ticker": f"T{number % 3}", "horizon": 1 + number % 20})
        started = time.perf_counter()
        connection.request("POST", "/api/predict", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        result = json.loads(response.read())
        took.append(1000 * (time.perf_counter() - started))
        assert response.status == 200 and len(result["predictions"]) == 1 + number % 20
    connection.close()
    return took


def test_no_forecast_fails_or_waits_while_mlflow_is_away(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    stores = open_home(home)
    stores.bars.upsert(walks(3, 700))
    train(stores.bars, stores.registry, TrainingRequest("ann", "first"), AT)
    stores.database.close()
    (tmp_path / "mlflow").mkdir()
    server = Server(tmp_path / "mlflow", port)
    late: dict[str, list[float]] = {"up": [], "killed": [], "black hole": []}
    with served(home, TICKERLENS_MLFLOW_URL=server.url) as address:
        ask(address)  # kernels, caches
        try:
            for _ in range(ROUNDS):
                server.start()
                late["up"].append(float(np.quantile(ask(address), 0.95)))
                server.kill()
                late["killed"].append(float(np.quantile(ask(address), 0.95)))
                with black_hole(port) as listening:
                    late["black hole"].append(float(np.quantile(ask(address), 0.95)))
                    with pytest.raises(BlockingIOError):
                        listening.accept()  # nobody so much as knocked
        finally:
            server.kill()
    expected = {name: f"{median(one):.1f} ms" for name, one in late.items()}
    ratios = [median(late[name]) / median(late["up"]) for name in ("killed", "black hole")]
    print(f"p95 of {REQUESTS} forecasts, median of {ROUNDS} alternating rounds: {expected}")
    print(f"against MLflow up: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")
