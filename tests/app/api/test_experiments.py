"""Model versions over HTTP, from the registry alone."""

import sys

import pytest
from fastapi.testclient import TestClient

from app.api.routes import api
from app.state.stores import Stores
from core.foundation.messages import Message
from core.models import create
from core.registry.gate import ChallengeKind, Decision, GateVerdict
from tests.core.forecasts.ledger.test_ledger import CARD
from tests.support.bars import walk
from tests.support.homes import AT


@pytest.fixture
def client(sample: Stores) -> TestClient:
    return TestClient(api, raise_server_exceptions=False)


def test_a_version_says_where_it_stands_and_what_the_gate_said(
    client: TestClient, sample: Stores
) -> None:
    sample.registry.register(create("random_walk").fit(walk("AAPL")), CARD, AT)
    sample.registry.challenge(2, "ann", "try", AT)
    reason = Message("gate.no-better", "It is no better.")
    decision = Decision(ChallengeKind.CHANGE, GateVerdict.KEEP, (reason,))
    sample.registry.decisions.add(AT, 2, 1, decision)
    second, first = client.get("/experiments").json()
    assert (first["version"], first["aliases"], first["gate"]) == (1, ["champion"], None)
    assert first["skill"]["n"] > 0 and first["skill"]["scope"] == "all" and first["tickers"] == 6
    assert (second["aliases"], second["skill"]) == (["challenger"], None)
    assert second["gate"]["verdict"] == "keep" and second["gate"]["champion"] == 1
    assert second["gate"]["reasons"] == ["It is no better."] and second["gate"]["lapsed"] is None
    page = client.get("/experiments?limit=1&offset=1")
    assert page.json() == [first] and page.headers["x-total-count"] == "2"


def test_no_training_is_an_empty_list(empty: Stores) -> None:
    assert TestClient(api).get("/experiments").json() == []


def test_neither_mlflow_nor_evidently_is_loaded(client: TestClient) -> None:
    before = set(sys.modules)
    for path in ("/experiments", "/drift", "/tickers", "/forecasts/AAPL"):
        assert client.get(path).status_code == 200
    assert {"mlflow", "evidently", "prefect"}.isdisjoint(set(sys.modules) - before)
