"""The table of trainings of every origin."""

from datetime import UTC, datetime, timedelta

import pytest

from app.components.formats import UNKNOWN
from app.state.stores import Stores
from app.views.retrain.trainings import table
from core.foundation.outbox import RequestOrigin
from core.lifecycle.train import DEFAULT
from core.workflows.training.trainings import trainings, unrecorded_versions

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
    rows = table(trainings(empty, AT), [], [])
    assert rows["Model"].tolist() == [model] and rows["Scope"].tolist() == ["All tickers"]


def test_each_says_who_asked_from_where_and_what_became_of_it(empty: Stores) -> None:
    for origin, scope in ((RequestOrigin.API, "us"), (RequestOrigin.DRIFT, "AAPL")):
        empty.outbox.ask("train", {"scope": scope, "reason": "x"}, "ann", AT, origin)
    rows = table(trainings(empty, AT + timedelta(minutes=1)), [], [])
    assert rows["From"].tolist() == ["drift", "the API"]
    assert rows["Scope"].tolist() == ["AAPL", "United States"]
    assert set(rows["What became of it"]) == {"Queued: it waits for the scheduler."}
    assert set(rows["Took"]) == {UNKNOWN}


def test_a_version_that_no_record_tells_of_has_a_row(sample: Stores) -> None:
    known = trainings(sample, datetime.now(UTC))
    versions = sample.registry.versions()
    rows = table(known, unrecorded_versions(sample), versions)
    assert len(rows) == len(versions), "each training once, whoever left it"
    assert rows["What became of it"].iloc[0] == "Completed: version 1 is stored."
