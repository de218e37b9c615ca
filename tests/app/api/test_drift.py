"""Drift reports over HTTP, as they are stored."""

import pytest
from fastapi.testclient import TestClient

from app.api.routes import api
from app.state.stores import Stores
from core.foundation.messages import Message
from core.lifecycle.report_store import DriftVerdict, Measure, Report, Signal, SignalName
from tests.support.homes import AT


@pytest.fixture
def client(sample: Stores) -> TestClient:
    return TestClient(api, raise_server_exceptions=False)


def test_drift_reports_come_newest_first_and_an_unknown_number_is_null(
    client: TestClient, sample: Stores
) -> None:
    few = Message("monitor.too-few", "Three rows.")
    moved = Signal(
        SignalName.DATA,
        DriftVerdict.BEYOND,
        *(200, 5000, 1, 1),
        (Measure("a", 2.0, 1.0), Measure("b", float("inf"))),
    )
    lacking = Signal(SignalName.DECAY, DriftVerdict.TOO_LITTLE, 3, 0, reason=few)
    for version in (4, 5, 4):
        window = "2020-01-03..2020-03-02"
        sample.reports.add(Report(AT, version, False, "", window, (moved, lacking)), {})
    found = client.get("/drift").json()
    assert [(one["id"], one["model_version"]) for one in found] == [(3, 4), (2, 5), (1, 4)]
    data, decay = found[0]["signals"]
    assert (data["name"], data["verdict"]) == ("data drift", "beyond chance")
    assert data["measures"][0] == {
        "name": "a",
        "value": 2.0,
        "bound": 1.0,
        "reference": None,
        "beyond": True,
    }
    assert data["measures"][1]["value"] is None
    assert decay["reason"] == "Three rows." and data["reason"] is None
    assert found[0]["confirmed"] is False and found[0]["unlearned"] is None
    own = client.get("/drift?version=4&limit=1&offset=1")
    assert [one["id"] for one in own.json()] == [1] and own.headers["x-total-count"] == "2"
