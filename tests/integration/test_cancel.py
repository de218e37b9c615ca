"""Stopping a run on a real Prefect: whenever it is asked for, it ends as cancelled, and soon."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

import pytest

from app.state import actions
from app.state.stores import Stores, stores
from app.web.dispatch import Dispatcher
from core.foundation.errors import OfflineError
from core.foundation.keys.person import Person, PersonRole
from core.foundation.outbox import Request, RunState
from core.wiring import Workspace
from tests.support.bars import walk
from tests.support.scheduler import Scheduler, scheduled
from tests.support.trials import TRIALS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200 + 60 * TRIALS)]
WITHIN_SECONDS = 20
LINE = re.compile(r"\d\d:\d\d:\d\d \S.*")
ANN = Person("ann", PersonRole.DEVELOPER)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    """A home with bars to train on for some seconds."""
    with scheduled(tmp_path_factory.mktemp("cancelled")) as found:
        bars = Workspace(found.settings).bars
        for number, ticker in enumerate(("AAPL", "MSFT", "TSM")):
            bars.upsert(walk(ticker, 1500, number).assign(source="csv"))
        yield found


@pytest.fixture
def app(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """The app's stores, with its dispatcher at work."""
    monkeypatch.setenv("TICKERLENS_HOME", str(scheduler.settings.home))
    monkeypatch.setenv("TICKERLENS_PREFECT_PORT", str(scheduler.settings.prefect_port))
    stores.cache_clear()
    dispatcher = Dispatcher(stores)
    dispatcher.start()
    yield stores()
    dispatcher.stop()
    stores().runs.close()
    stores.cache_clear()


def until(what: Callable[[], object], scheduler: Scheduler, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, scheduler.output()
        time.sleep(0.02)


def ask(app: Stores, reason: str) -> Request:
    request, new = actions.ask_for_training(ANN, "all", "har", reason)
    assert new, f"{request} blocks it"
    return request


def run_id(app: Stores, request: Request) -> str:
    return app.outbox.get(request.id).run_id or ""


def in_state(app: Stores, request: Request, state: str) -> bool:
    with suppress(OfflineError):  # on a busy machine
        return bool(run_id(app, request)) and app.runs.get(run_id(app, request)).state == state
    return False


def stopped(app: Stores, request: Request, scheduler: Scheduler) -> None:
    """Stop it as the button does; it ends as cancelled in time, and its log is of sentences."""
    actions.cancel(ANN, app.outbox.get(request.id))
    until(lambda: app.outbox.get(request.id).ended_at, scheduler, WITHIN_SECONDS)
    assert app.outbox.get(request.id).outcome == RunState.CANCELLED
    if run_id(app, request):
        run = scheduler.ended(run_id(app, request))
        assert run.state == RunState.CANCELLED
        lines = scheduler.runs.lines(run.id)
        assert all(LINE.fullmatch(line) for line in lines), lines
        assert not any("Traceback" in line or "UnfinishedRun" in line for line in lines), lines


def has_life(app: Stores, request: Request) -> bool:
    name = run_id(app, request)
    return bool(name) and (app.settings.home / "running" / name).exists()


def moments() -> Iterator[tuple[str, Callable[[Stores, Request], object]]]:
    """When to stop a run: at each of its stages, then after longer and longer."""
    yield "pending", lambda app, request: in_state(app, request, RunState.PENDING)
    yield "just running", lambda app, request: in_state(app, request, RunState.RUNNING)
    yield "at work", has_life
    yield "handed over", run_id
    for tenths in range(1000):
        seconds = tenths / 10 % 9

        def later(app: Stores, request: Request, seconds: float = seconds) -> object:
            return run_id(app, request) and not time.sleep(seconds)

        yield f"{seconds} s", later


def test_a_run_is_stopped_at_any_moment(app: Stores, scheduler: Scheduler) -> None:
    for name, come in islice(moments(), TRIALS):
        request = ask(app, name)
        until(lambda: come(app, request), scheduler)
        stopped(app, request, scheduler)


def test_a_dead_run_is_stopped_although_prefect_is_away_for_a_moment(
    app: Stores, scheduler: Scheduler
) -> None:
    request = ask(app, "away")
    until(lambda: has_life(app, request), scheduler)
    scheduler.end("flows", signal.SIGKILL)
    server = scheduler.running["prefect"].pid
    os.killpg(server, signal.SIGSTOP)
    try:
        with pytest.raises(OfflineError):
            app.runs.active()
        actions.cancel(ANN, app.outbox.get(request.id))
    finally:
        os.killpg(server, signal.SIGCONT)
    until(lambda: app.outbox.get(request.id).ended_at, scheduler, WITHIN_SECONDS)
    assert app.outbox.get(request.id).outcome == RunState.CANCELLED
    life = app.settings.home / "running" / run_id(app, request)
    until(lambda: not life.exists(), scheduler, WITHIN_SECONDS)
