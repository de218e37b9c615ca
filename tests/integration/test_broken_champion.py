"""A champion whose file was touched: the former one serves, and everybody is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api.routes import api
from app.state.stores import Stores
from app.web.dispatch import want
from core.foundation.outbox import RunState
from core.lifecycle.train import TrainingRequest, train
from monitoring.record_facts import model_facts
from tests.app.test_main import opened, texts
from tests.support.bars import walk
from tests.support.scrape import collected


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


@pytest.fixture
def damaged(sample: Stores) -> Stores:
    """Version 2 serves; then a byte of its file is another."""
    at = datetime.now(UTC)
    assert train(sample.bars, sample.registry, TrainingRequest("ann", "again"), at).version == 2
    sample.registry.promote(2, "ann", "to have one before", at)
    flip(sample.registry.artifact(2))
    return sample


def test_pages_forecast_by_the_former_champion_and_say_so(damaged: Stores) -> None:
    for page in ("forecast", "history", "retrain"):
        shown = opened(page).error[0].value.replace("\\", "")
        assert shown.startswith("Version 2 cannot serve, so version 1, which served before, makes")
        assert "2.npz was altered" in shown
    assert "Model har version 1," in texts(opened())


def test_the_api_answers_by_the_former_champion_and_is_degraded(damaged: Stores) -> None:
    client = TestClient(api)
    response = client.post("/predict", json={"ticker": "AAPL"}).json()
    assert response["model"] == {"name": "har", "version": "1"}
    assert response["note"].startswith("Version 2 cannot serve, so version 1,")
    health = client.get("/health").json()
    assert (health["status"], health["champion"]) == ("degraded", "1")
    assert health["note"].startswith("Version 2 cannot serve, so version 1, which served before,")


def test_the_metric_says_so_until_another_is_promoted(damaged: Stores) -> None:
    def values() -> dict[tuple[str, ...], float]:
        facts = {"models": lambda at: model_facts(damaged.registry, at)}
        return collected(facts, datetime.now(UTC)).named("model_champion_broken")

    assert values() == {("champion",): 1.0}
    damaged.registry.promote(1, "ann", "the other is broken", datetime.now(UTC))
    assert values() == {("champion",): 0.0}
    assert not opened("history").error


def test_where_none_is_whole_the_fallback_serves_and_everybody_is_told(damaged: Stores) -> None:
    flip(damaged.registry.artifact(1))
    expected = "Version 2 cannot serve, nor can any version before it, so the fallback forecaster,"
    for page in ("history", "forecast", "retrain"):
        shown = [error.value.replace("\\", "") for error in opened(page).error]
        assert shown[0].startswith(expected) and "2.npz was altered" in shown[0]
    assert "Made by random_walk" in texts(opened())
    client = TestClient(api)
    health = client.get("/health").json()
    assert (health["status"], health["champion"]) == ("degraded", None)
    assert health["note"].startswith(expected)
    response = client.post("/predict", json={"ticker": "AAPL"}).json()
    assert response["model"] == {"name": "random_walk", "version": "untrained"}
    assert response["note"].startswith(expected) and response["skill"] is None
    found = collected(
        {"models": lambda at: model_facts(damaged.registry, at, damaged.bars)}, datetime.now(UTC)
    )
    assert found.named("fallback_tickers") == {(): 6.0}


def test_a_training_is_asked_for_once_not_at_each_look(damaged: Stores) -> None:
    flip(damaged.registry.artifact(1))
    for _ in range(3):
        want(damaged)
        opened("history")
    requested = damaged.outbox.open()
    assert [(one.flow, one.actor) for one in requested] == [("train", "program")]
    assert requested[0].parameters["reason"] == "version 2 cannot serve"
    shown = opened("history").error[0].value.replace("\\", "")
    assert shown.endswith("A training was asked for.")
    damaged.outbox.ended(requested[0].id, RunState.FAILED, datetime.now(UTC))
    want(damaged)
    assert not damaged.outbox.open()


def test_a_model_of_the_sample_beside_a_ticker_of_one_s_own_is_told_of(sample: Stores) -> None:
    sample.bars.upsert(walk("TSM", sessions=400).assign(source="csv"))
    expected = "Version 1 learned from sample bars alone and forecasts no ticker of your own."
    assert opened("history").error[0].value.replace("\\", "").endswith(expected)
    client = TestClient(api)
    health = client.get("/health").json()
    assert (health["status"], health["champion"]) == ("degraded", "1") and expected in health[
        "note"
    ]
    response = client.post("/predict", json={"ticker": "TSM"}).json()
    assert response["model"] == {"name": "random_walk", "version": "untrained"}
    assert expected in response["note"]
    assert client.post("/predict", json={"ticker": "AAPL"}).json()["note"] is None
    want(sample)
    assert sample.outbox.open()[0].parameters["reason"] == "first training on TSM"
    found = collected(
        {"models": lambda at: model_facts(sample.registry, at, sample.bars)}, datetime.now(UTC)
    )
    assert found.named("fallback_tickers") == {(): 1.0}
