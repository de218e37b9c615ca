"""The state of a request with a scheduler that answers, is silent, or is away."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.state.live_run import UNKNOWN, WAITING, live_state
from app.state.prefect_client import Runs
from core.foundation.access import Scheduler
from core.foundation.outbox import Request, RunState
from tests.support.homes import AT
from tests.support.ports import free_port

OPEN = Request(1, "key", "train", "ann", AT)
TAKEN = replace(OPEN, run_id="7")


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Runs]:
    """A scheduler that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/api"
        runs = Runs(Scheduler(url, "a:b", tmp_path), timeout=5)
        yield runs
        runs.close()


def test_what_has_ended_is_known_without_the_scheduler(silent: Runs) -> None:
    ended = replace(TAKEN, ended_at=AT, outcome=RunState.COMPLETED)
    began = time.monotonic()
    assert live_state(ended, silent).state == RunState.COMPLETED
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(("request_", "state"), [(OPEN, WAITING), (TAKEN, UNKNOWN)])
def test_a_silent_scheduler_is_waited_for_two_seconds(
    silent: Runs, request_: Request, state: str
) -> None:
    began = time.monotonic()
    found = live_state(request_, silent)
    assert found.state == state and "has not answered within 2 seconds" in str(found.note)
    assert time.monotonic() - began < 4


def test_a_scheduler_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    runs = Runs(Scheduler(f"http://127.0.0.1:{free_port()}/api", "a:b", tmp_path))
    for request, state in ((OPEN, WAITING), (TAKEN, UNKNOWN)):
        found = live_state(request, runs)
        assert found.state == state and "does not answer" in str(found.note)
    runs.close()
