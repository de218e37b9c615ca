"""A champion whose file was touched: the former one serves, and everybody is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api.routes import api
from app.stores import Stores
from core.services.train import Order, train
from monitoring.record_facts import model_facts
from tests.app.test_pages import opened, texts
from tests.monitoring.scrape import collected


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


@pytest.fixture
def broken(sample: Stores) -> Stores:
    """Version 2 serves; then a byte of its file is another."""
    at = datetime.now(UTC)
    assert train(sample.bars, sample.registry, Order("ann", "again"), at).version == 2
    sample.registry.promote(2, "ann", "to have one before", at)
    flip(sample.registry.artifact(2))
    return sample


def test_pages_forecast_by_the_former_champion_and_say_so(broken: Stores) -> None:
    for page in ("forecast", "history", "retrain"):
        told = opened(page).error[0].value.replace("\\", "")
        assert told.startswith("Version 2 cannot serve, so version 1, which served before, makes")
        assert "2.npz was altered" in told
    assert "Model har version 1," in texts(opened()).replace("\\", "")


def test_the_api_answers_by_the_former_champion_and_is_degraded(broken: Stores) -> None:
    client = TestClient(api)
    answer = client.post("/predict", json={"ticker": "AAPL"}).json()
    assert answer["model"] == {"name": "har", "version": "1"}
    assert answer["note"].startswith("Version 2 cannot serve, so version 1,")
    health = client.get("/health").json()
    assert (health["status"], health["champion"]) == ("degraded", "1")
    assert health["note"].startswith("Version 2 cannot serve, so version 1, which served before,")


def test_the_metric_says_so_until_another_is_promoted(broken: Stores) -> None:
    def told() -> dict[tuple[str, ...], float]:
        facts = {"models": lambda at: model_facts(broken.registry, at)}
        return collected(facts, datetime.now(UTC)).named("model_champion_broken")

    assert told() == {("champion",): 1.0}
    broken.registry.promote(1, "ann", "the other is broken", datetime.now(UTC))
    assert told() == {("champion",): 0.0}
    assert not opened("history").error


def test_where_none_is_whole_pages_other_than_the_forecast_go_on(broken: Stores) -> None:
    flip(broken.registry.artifact(1))
    told = [error.value.replace("\\", "") for error in opened("history").error]
    assert told == ["The stored model 2.npz was altered and will not serve; train again."]
    assert opened("history").title[0].value.startswith("AAPL")
    assert [error.value.replace("\\", "") for error in opened("forecast").error] == told
    answer = TestClient(api).get("/health").json()
    assert (answer["status"], answer["champion"]) == ("degraded", None)
