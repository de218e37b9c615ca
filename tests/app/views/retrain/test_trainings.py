"""The table of trainings of every origin."""

from datetime import UTC, datetime

import pytest

from app.state.stores import Stores
from app.views.retrain.trainings import history
from core.lifecycle.train import DEFAULT

AT = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "model"),
    [
        ({"reason": "drift"}, DEFAULT),
        ({"reason": "x", "model": ""}, DEFAULT),
        ({"model": "ewma"}, "ewma"),
    ],
)
def test_a_training_always_names_its_model(
    empty: Stores, given: dict[str, str], model: str
) -> None:
    empty.outbox.ask("train", dict(given), "program", AT)
    rows = history(empty.outbox.latest("train", 5), [], [])
    assert rows["Model"].tolist() == [model] and rows["Scope"].tolist() == ["all"]
