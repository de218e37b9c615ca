"""A training is asked for once by each key, and once at a time for each scope."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.foundation.clock import utc_now
from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.outbox import RequestOrigin, RunState, WantedWork
from core.workflows.training.request_training import WantedTraining, request_training
from tests.support.bars import walk
from tests.support.homes import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = open_home(tmp_path)
    found.bars.upsert(walk("AAPL", 300, 1).assign(source="csv"))
    return found


def test_the_scope_is_kept_as_it_is_stored_and_the_key_finds_the_request_again(home: Home) -> None:
    wanted = WantedTraining("ann", "why not", " aapl", origin=RequestOrigin.API, key="k-1")
    first, new = request_training(home, wanted, utc_now())
    assert new and (first.scope, first.origin) == ("AAPL", "api")
    other = WantedTraining("bob", "me too", "AAPL")
    assert request_training(home, other, utc_now()) == (first, False)
    beside, new = request_training(home, WantedTraining("bob", "all of them"), utc_now())
    assert new and beside.scope == "all"
    home.outbox.ended(first.id, RunState.COMPLETED, utc_now())
    later = utc_now() + timedelta(days=1)
    assert request_training(home, wanted, later) == (home.outbox.get(first.id), False)
    with pytest.raises(InvalidInputError, match="^This key was used for request 1, "):
        request_training(home, WantedTraining("ann", "another", key="k-1"), later)
    assert len(home.audit.latest()) == 2, "only what is new is an action"


def test_a_dead_training_makes_way_for_what_is_asked_for(home: Home) -> None:
    wanted = WantedTraining("ann", "why not")
    dead, _ = request_training(home, wanted, utc_now())
    home.outbox.begin(
        WantedWork("train", dead.parameters, "ann"), utc_now(), dead.key
    )  # and no lease is renewed
    _, new = request_training(home, wanted, utc_now())
    assert new and home.outbox.get(dead.id).outcome == RunState.CRASHED


def test_what_cannot_be_trained_is_not_put_on_record(home: Home) -> None:
    for wanted, error in (
        (WantedTraining("ann", " "), InvalidInputError),
        (WantedTraining("ann", "x", "2330.TW"), NotFoundError),
    ):
        with pytest.raises(error):
            request_training(home, wanted, utc_now())
    assert home.outbox.latest("train") == []
