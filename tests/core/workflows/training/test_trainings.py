"""How a training is, in words, from what is on record alone."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.foundation.clock import utc_now
from core.foundation.errors import NotFoundError
from core.foundation.outbox import RunState
from core.workflows.training.trainings import open_trainings, training, trainings
from tests.support.homes import AT, Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def sentence(home: Home, number: int, seconds: float = 0) -> str:
    return str(training(home, number, AT + timedelta(seconds=seconds)).sentence)


def test_its_way_through_the_scheduler(home: Home) -> None:
    request, _ = home.outbox.ask("train", {"scope": "all"}, "ann", AT)
    assert sentence(home, request.id, 1) == "Queued: handed to the scheduler in a moment."
    assert sentence(home, request.id, 60) == "Queued: it waits for the scheduler."
    home.outbox.sent(request.id, "run-1")
    assert sentence(home, request.id).startswith("Starting: ")
    home.outbox.stop(request.id, AT)
    assert sentence(home, request.id) == "Cancelling: it ends within seconds."
    for outcome, expected in (
        (RunState.CANCELLED, "Cancelled."),
        (RunState.LOST, "Lost: the scheduler does not know it any more."),
        (RunState.FAILED, "Failed."),
        (RunState.COMPLETED, "Completed."),
    ):
        other, _ = home.outbox.ask("train", {"scope": outcome}, "ann", AT)
        home.outbox.ended(other.id, outcome, AT)
        assert sentence(home, other.id) == expected
    assert [one.request for one in open_trainings(home, AT)] == [home.outbox.get(request.id)]


def test_they_are_listed_in_pages_the_newest_first(home: Home) -> None:
    for number in range(5):
        home.outbox.ask("train", {"scope": str(number)}, "ann", AT)
    home.outbox.ask("monitor", {}, "ann", AT)
    first = trainings(home, utc_now(), limit=3)
    assert [one.request.id for one in first] == [5, 4, 3]
    second = trainings(home, utc_now(), limit=3, before=first[-1].request.id)
    assert [one.request.id for one in second] == [2, 1]
    with pytest.raises(NotFoundError):
        training(home, 99, AT)
