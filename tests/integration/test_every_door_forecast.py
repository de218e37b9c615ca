"""A ticker is forecast alike, and leaves the same behind, through whichever door it is asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prefect.logging import disable_run_logger

from app.api.routes import api
from app.state import queries
from app.state.stores import Stores
from core.foundation import clock
from core.models import create
from core.reference.tickers import Ticker
from flows import cli, deployments
from tests.core.forecasts.ledger.test_ledger import CARD
from tests.integration.test_every_door import Frozen
from tests.support.bars import walk
from tests.support.homes import AT

AAPL = Ticker.parse("AAPL")
BARS = walk("AAPL", sessions=560, volatility=0.02).assign(source="csv")
Printed = pytest.CaptureFixture[str]


def through_page(printed: Printed) -> dict[str, Any]:
    return queries.forecast(AAPL).to_dict()


def through_route(printed: Printed) -> dict[str, Any]:
    response = TestClient(api).post("/predict", json={"ticker": "AAPL", "horizon": 20})
    assert response.status_code == 200, response.text
    return dict(response.json())


def through_command(printed: Printed) -> dict[str, Any]:
    assert cli.main(["forecast", "--tickers", "AAPL"]) == 0
    return dict(json.loads(printed.readouterr().out.splitlines()[-1])["forecasts"][0])


def through_flow(printed: Printed) -> dict[str, Any]:
    with disable_run_logger():
        ended = deployments.forecast.fn()
    assert ended.is_completed(), ended.message
    return {}


DOORS: dict[str, Callable[[Printed], dict[str, Any]]] = {
    "page": through_page,
    "route": through_route,
    "command": through_command,
    "flow": through_flow,
}


def test_page_route_command_and_flow_forecast_and_record_the_same(
    tmp_path: Path,
    open_app: Callable[..., Stores],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Printed,
) -> None:
    monkeypatch.setattr(clock, "datetime", Frozen)
    forecasts, rows = {}, {}
    for door, through in DOORS.items():
        here = open_app()
        here.bars.upsert(BARS)
        here.registry.register(create("random_walk").fit(BARS), CARD, AT)
        here.registry.promote(1, "ann", "first", AT)
        if forecast := through(capsys):
            forecasts[door] = json.loads(json.dumps(forecast))
        rows[door] = (str(here.ledger.seals()), str(here.ledger.served([AAPL])))
        here.settings.home.rename(tmp_path / door)
    wanted, (_, row) = forecasts["command"], rows["command"]
    assert len(wanted["predictions"]) == 20 and "2024, 6, 28" in row
    for door, forecast in forecasts.items():
        for name, value in wanted.items():
            assert forecast[name] == value, f"{name} through the {door}"
    assert {door for door in DOORS if rows[door] != rows["command"]} == set()
