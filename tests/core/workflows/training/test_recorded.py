"""One process trains a scope, on record from its beginning to its end, however that comes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.foundation.clock import utc_now
from core.foundation.errors import InvalidInputError
from core.foundation.outbox import Request, RequestOrigin, RunState, StoppedError
from core.foundation.progress import silent
from core.foundation.sql.leases import LeaseLostError
from core.lifecycle.train import TrainingRequest, train
from core.workflows.training.recorded import (
    Beginning,
    RecordedTraining,
    SkippedError,
    crashed,
    recorded,
)
from core.workflows.training.request_training import WantedTraining, request_training
from core.workflows.training.trainings import trainings
from tests.house.tree import ROOT
from tests.support.bars import walk
from tests.support.homes import Home, open_home

ORDER = TrainingRequest("ann", "to see it")
TRAINS = """
import sys, time
from pathlib import Path
from core.foundation.clock import utc_now
from core.foundation.progress import silent
from core.foundation.settings import Settings
from core.lifecycle.train import TrainingRequest
from core.wiring import Workspace
from core.workflows.training.recorded import Beginning, recorded
here, order = Workspace(Settings(home=Path(sys.argv[1]))), TrainingRequest("eve", "to be killed")
with recorded(here, order, Beginning(), silent, utc_now):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = open_home(tmp_path)
    found.bars.upsert(walk("AAPL", 700, 1).assign(source="csv"))
    return found


@contextmanager
def training(
    home: Home, order: TrainingRequest = ORDER, beginning: Beginning = Beginning()
) -> Iterator[RecordedTraining]:
    with recorded(home, order, beginning, silent, utc_now) as now:
        yield now


def newest(home: Home) -> Request:
    return home.outbox.latest("train", 1)[0]


def test_it_is_on_record_while_it_runs_and_when_it_has_ended(home: Home) -> None:
    with training(home, beginning=Beginning(RequestOrigin.PAGE)) as now:
        request = newest(home)
        assert (request.origin, request.scope, request.actor) == ("page", "all", "ann")
        assert request.started_at and request.ended_at is None and now.order.run == request.key
        assert trainings(home, utc_now())[0].state == "running"
        model = train(home.bars, now.registry, now.order, utc_now(), now.progress)
    assert newest(home).outcome == RunState.COMPLETED and home.leases.in_force() == []
    found = trainings(home, utc_now())[0]
    assert (found.version, str(found.sentence)) == (
        model.version,
        f"Completed: version {model.version} is stored.",
    )


def test_a_second_one_is_skipped_and_hears_who_trains_since_when(home: Home) -> None:
    with training(home):
        first = newest(home)
        with pytest.raises(SkippedError, match=f"^Training {first.id} of .*all.* since 20.*by ann"):
            with training(home.again(), TrainingRequest("bob", "too")):
                pytest.fail("two at once")
        assert (newest(home).skipped_for, newest(home).actor) == (first.id, "bob")
        with training(home.again(), TrainingRequest("bob", "beside", "AAPL")):
            assert len(home.leases.in_force()) == 2
    sentence = str(trainings(home, utc_now())[1].sentence)
    assert sentence == f"Skipped because of training {first.id}, which is of the same scope."


def test_what_a_person_asked_for_is_not_overtaken_by_a_command(home: Home) -> None:
    wanted = WantedTraining("bob", "wait for me")
    request, _ = request_training(home, wanted, utc_now())
    with pytest.raises(SkippedError, match=f"^Training {request.id} .* waits since .* by bob"):
        with training(home):
            pytest.fail("it is bob's turn")
    assert home.outbox.open() == [request] and home.leases.in_force() == []


def test_a_failing_one_keeps_its_sentence(home: Home) -> None:
    with pytest.raises(InvalidInputError), training(home):
        raise InvalidInputError("test.wrong", "It is {thing}.", {"thing": "wrong"})
    assert newest(home).outcome == RunState.FAILED
    assert str(trainings(home, utc_now())[0].sentence) == "Failed: It is wrong."
    with pytest.raises(ZeroDivisionError), training(home):
        raise ZeroDivisionError
    assert str(newest(home).sentence) == "Something unforeseen happened."


def test_one_that_is_cancelled_stores_nothing_any_more(home: Home) -> None:
    with pytest.raises(StoppedError), training(home) as now:
        home.outbox.stop(newest(home).id, utc_now())
        assert trainings(home, utc_now())[0].state == "cancelling"
        train(home.bars, now.registry, now.order, utc_now())
    assert newest(home).outcome == RunState.CANCELLED and home.registry.versions() == []


def test_one_that_is_cancelled_ends_at_its_next_step(home: Home) -> None:
    with pytest.raises(StoppedError, match="^It was cancelled.$"), training(home) as now:
        home.outbox.stop(newest(home).id, utc_now())
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            now.progress("Fitting", 0, 1)
            time.sleep(0.1)


def test_one_that_is_cancelled_too_late_says_what_is_stored(home: Home) -> None:
    with pytest.raises(StoppedError), training(home) as now:
        train(home.bars, now.registry, now.order, utc_now())
        home.outbox.stop(newest(home).id, utc_now())
        now.registry.promote(1, "ann", "", utc_now())
    found = trainings(home, utc_now())[0]
    assert str(found.sentence) == "Cancelled. It was too late: version 1 is stored."


def test_one_that_lost_its_lease_stores_nothing_any_more(home: Home) -> None:
    with pytest.raises(LeaseLostError), training(home) as now:
        (lease,) = home.leases.in_force()
        home.leases.release(lease)
        other = home.leases.acquire(lease.name, "another")
        train(home.bars, now.registry, now.order, utc_now())
    assert home.registry.versions() == [] and home.leases.in_force() == [other]
    assert newest(home).outcome == RunState.CRASHED


def test_one_that_was_given_up_stores_nothing_any_more(home: Home) -> None:
    with pytest.raises(StoppedError, match="given up"), training(home) as now:
        home.outbox.ended(newest(home).id, RunState.CRASHED, utc_now())
        train(home.bars, now.registry, now.order, utc_now())
    assert home.registry.versions() == []


@pytest.mark.slow
def test_one_that_is_killed_is_shown_as_crashed_and_makes_way(home: Home) -> None:
    order = [sys.executable, "-c", TRAINS, str(home.path)]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        child.kill()
    killed = time.monotonic()
    with pytest.raises(SkippedError), training(home):
        pytest.fail("it may be alive")
    while not crashed(home):
        assert time.monotonic() - killed < 20
        time.sleep(0.1)
    print(f"the lease of a killed training was free after {time.monotonic() - killed:.1f} s")
    assert trainings(home, utc_now())[1].state == "crashed", "before anybody noted it"
    with training(home):
        pass
    before = trainings(home, utc_now())[2]
    assert before.request.actor == "eve"
    assert str(before.sentence) == "Crashed: its process ended before the work did."
