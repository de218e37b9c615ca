"""Trainings on a real Prefect: one of a scope at a time, whatever asks, stops, dies or is away."""

import signal
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from app.state import actions
from app.state.stores import Stores, stores
from app.web.dispatch import Dispatcher
from core.foundation.keys.person import Person, PersonRole
from core.foundation.outbox import Request, RequestOrigin
from core.lifecycle.train import TrainingRequest, train
from core.wiring import Workspace
from core.workflows.training.request_training import WantedTraining, request_training
from core.workflows.training.trainings import Training, training, trainings
from tests.support.bars import walk
from tests.support.scheduler import Scheduler, scheduled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]
ANN = Person("ann", PersonRole.DEVELOPER)
DRIFT = "tickerlens.drift.confirmed"


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    """A home with a champion, and bars to train on for some seconds."""
    with scheduled(tmp_path_factory.mktemp("requests")) as found:
        here = Workspace(found.settings)
        for number, ticker in enumerate(("AAPL", "MSFT", "TSM")):
            here.bars.upsert(walk(ticker, 1500, number).assign(source="csv"))
        train(here.bars, here.registry, TrainingRequest("test", "first"), datetime.now(UTC))
        yield found


class App:
    """The app's stores and its dispatcher, which can be restarted."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        stores.cache_clear()
        self.dispatcher = Dispatcher(stores)
        self.dispatcher.start()

    def stop(self) -> None:
        self.dispatcher.stop()
        stores().runs.close()
        stores.cache_clear()

    @property
    def here(self) -> Stores:
        return stores()

    def now(self, request: Request) -> Training:
        return training(stores(), request.id, datetime.now(UTC))

    def ask(self, reason: str) -> tuple[Request, float]:
        """Ask as the page does; also how many seconds that took."""
        start = time.monotonic()
        request, new = actions.ask_for_training(ANN, "all", "har", reason)
        assert new, f"{request} blocks it"
        return request, time.monotonic() - start


@pytest.fixture
def app(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setenv("TICKERLENS_HOME", str(scheduler.settings.home))
    monkeypatch.setenv("TICKERLENS_PREFECT_PORT", str(scheduler.settings.prefect_port))
    found = App()
    yield found
    found.stop()


def until(what: Callable[[], object], scheduler: Scheduler, seconds: float = 120) -> float:
    """Wait for it; how many seconds that took."""
    start = time.monotonic()
    while not what():
        assert time.monotonic() - start < seconds, scheduler.output()
        time.sleep(0.05)
    return time.monotonic() - start


def test_of_ten_drift_events_one_trains_and_nine_are_skipped_for_it(
    scheduler: Scheduler, app: App
) -> None:
    address = Workspace(scheduler.settings).scheduler
    user, _, password = address.auth.partition(":")
    events = [
        {
            "id": str(uuid.uuid4()),
            "occurred": datetime.now(UTC).isoformat(),
            "event": DRIFT,
            "resource": {"prefect.resource.id": "tickerlens.forecaster"},
            "payload": {"reason": f"drift {number}"},
        }
        for number in range(10)
    ]
    before = len(app.here.registry.versions())
    for event in events:
        response = httpx.post(f"{address.url}/events", json=[event], auth=(user, password))
        assert response.status_code == 204
        time.sleep(0.5)

    def drifted() -> list[Training]:
        found = trainings(app.here, datetime.now(UTC), 50)
        return [one for one in found if one.request.origin == RequestOrigin.DRIFT]

    seconds = until(
        lambda: len(drifted()) == 10 and all(one.ended for one in drifted()), scheduler, 300
    )
    trained = [one for one in drifted() if one.state == "completed"]
    skipped = [one for one in drifted() if one.state == "skipped"]
    assert (len(trained), len(skipped)) == (1, 9), scheduler.output()
    assert {one.request.skipped_for for one in skipped} == {trained[0].request.id}
    assert len(app.here.registry.versions()) == before + 1
    for one in skipped:
        run = scheduler.ended(str(one.request.run_id))
        assert run.name == "Skipped"
        assert run.message.startswith(f"Training {trained[0].request.id} of the same scope (all)")
    print(f"ten drift events were settled after {seconds:.1f} s")


def test_what_is_asked_for_while_prefect_is_down_runs_once_also_after_a_restart_of_the_app(
    scheduler: Scheduler, app: App
) -> None:
    scheduler.end("prefect")
    request, seconds = app.ask("while down")
    assert seconds < 3
    again, new = actions.ask_for_training(ANN, "all", "har", "while down, again")
    assert (again.id, new) == (request.id, False)
    until(lambda: app.now(request).state == "waiting", scheduler)
    app.stop()
    app.start()
    assert str(app.now(request).sentence) == "Queued: it waits for the scheduler."
    scheduler.start("prefect")
    until(lambda: app.now(request).ended, scheduler, 240)
    found = app.now(request)
    assert found.state == "completed" and found.version is not None
    made = scheduler.runs.made_of(request.key)
    assert [one.id for one in made] == [found.request.run_id]
    print(f"asking with the scheduler away took {seconds:.3f} s")


def test_what_waits_for_prefect_is_cancelled_without_it(scheduler: Scheduler, app: App) -> None:
    scheduler.end("prefect")
    request, _ = app.ask("never mind")
    actions.cancel(ANN, request)
    assert app.now(request).state == "cancelled"
    scheduler.start("prefect")
    scheduler.until_ready()
    time.sleep(3)
    assert scheduler.runs.made_of(request.key) == [] and app.now(request).version is None


def test_a_running_one_is_cancelled_although_prefect_is_away(
    scheduler: Scheduler, app: App
) -> None:
    request, _ = app.ask("to be stopped")
    until(lambda: app.now(request).state == "running", scheduler)
    scheduler.end("prefect")
    actions.cancel(ANN, app.here.outbox.get(request.id))
    seconds = until(lambda: app.now(request).ended, scheduler, 60)
    found = app.now(request)
    assert found.state in ("cancelled", "completed")
    assert (found.version is None) == (str(found.sentence) == "Cancelled.")
    print(f"cancelled without the scheduler after {seconds:.1f} s: {found.sentence}")
    scheduler.start("prefect")
    scheduler.until_ready()
    until(lambda: scheduler.runs.get(str(found.request.run_id)).ended, scheduler)


def test_a_killed_worker_is_shown_as_crashed_and_its_lease_is_free_soon(
    scheduler: Scheduler, app: App
) -> None:
    champion = app.here.registry.champion()
    request, _ = app.ask("doomed")
    until(lambda: app.now(request).state == "running", scheduler)
    until(lambda: app.here.leases.in_force(), scheduler)
    scheduler.end("flows", signal.SIGKILL)
    killed = time.monotonic()
    shown = free = 0.0
    while not (shown and free):
        assert time.monotonic() - killed < 90, scheduler.output()
        if not shown and app.now(request).state == "crashed":
            shown = time.monotonic() - killed
        if not free and not app.here.leases.in_force():
            free = time.monotonic() - killed
        time.sleep(0.05)
    print(f"a killed worker: shown as crashed after {shown:.1f} s, lease free after {free:.1f} s")
    assert free < 20
    assert app.here.registry.champion() == champion and app.now(request).version is None
    scheduler.start("flows")
    after, _ = app.ask("the next one")
    until(lambda: app.now(after).ended, scheduler)
    assert app.now(after).state == "completed"


def test_asking_is_acknowledged_at_once(scheduler: Scheduler, app: App) -> None:
    took = []
    for number in range(5):
        start = time.monotonic()
        wanted = WantedTraining("ann", f"timed {number}", "AAPL", origin=RequestOrigin.API)
        request, new = request_training(app.here, wanted, datetime.now(UTC))
        took.append(time.monotonic() - start)
        assert new
        actions.cancel(ANN, request)
        until(lambda: app.here.outbox.get(request.id).ended_at, scheduler, 60)
    print(f"asking took {min(took):.3f} to {max(took):.3f} s")
    assert sorted(took)[2] < 1
