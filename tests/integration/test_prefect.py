"""The flows on a real Prefect server: its doors, its runs, and drift that starts a training."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import pytest

from app.state.prefect_client import Runs
from app.state.reaper import Reaper
from app.web.dispatch import dispatch
from core.foundation.access import Scheduler as Address
from core.foundation.errors import NotFoundError, OfflineError
from core.foundation.outbox import Outbox, RunState
from core.lifecycle.train import TrainingRequest, train
from core.reference.tickers import Ticker
from core.wiring import Workspace, open_records
from tests.support.bars import walk
from tests.support.scheduler import Scheduler, scheduled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
SESSIONS, RECENT = 900, 40


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    """A home with three quiet tickers and a champion trained on them."""
    home = tmp_path_factory.mktemp("scheduled")
    with scheduled(home) as found:
        bars = Workspace(found.settings).bars
        for number, ticker in enumerate(("AAPL", "MSFT", "TSM")):
            bars.upsert(walk(ticker, SESSIONS, number).assign(source="csv"))
        registry = Workspace(found.settings).registry
        train(bars, registry, TrainingRequest("test", "first"), datetime.now(UTC))
        yield found


@pytest.fixture
def outbox(scheduler: Scheduler) -> Outbox:
    return Workspace(scheduler.settings).outbox


def until(what: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_the_api_asks_for_its_password(scheduler: Scheduler) -> None:
    address = Workspace(scheduler.settings).scheduler
    urls = (f"{address.url}/flow_runs/filter", f"{address.url}/admin/version")
    for password in (None, ("tickerlens", "wrong"), ("", "")):
        assert httpx.post(urls[0], json={}, auth=password).status_code == 401
        assert httpx.get(urls[1], auth=password).status_code == 401
    user, _, password = address.auth.partition(":")
    assert httpx.post(urls[0], json={}, auth=(user, password)).status_code == 200


def test_a_foreign_page_may_not_ask(scheduler: Scheduler) -> None:
    url = Workspace(scheduler.settings).scheduler.url
    own = url.removesuffix("/api")
    for origin, status in (("http://evil.example", 400), ("null", 400), (own, 200)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        response = httpx.options(f"{url}/flow_runs/filter", headers=headers)
        assert response.status_code == status
        allowed = response.headers.get("access-control-allow-origin")
        assert allowed == (own if status == 200 else None)


def test_a_wrong_password_is_one_sentence(scheduler: Scheduler, tmp_path: Path) -> None:
    address = Workspace(scheduler.settings).scheduler
    wrong = Runs(Address(address.url, "tickerlens:wrong", tmp_path))
    with pytest.raises(OfflineError, match=r"^The scheduler \(Prefect\) refuses the password.$"):
        wrong.submit("train", {}, "key")
    assert not wrong.ready()
    wrong.close()


def test_nobody_listening_is_one_sentence_within_the_patience(tmp_path: Path) -> None:
    gone = Runs(Address("http://127.0.0.1:9/api", "a:b", tmp_path))
    started = time.monotonic()
    with pytest.raises(OfflineError, match="does not answer; what was asked for waits for it.$"):
        gone.submit("train", {}, "key")
    assert time.monotonic() - started < 3
    gone.close()


def test_every_schedule_is_there_and_off(scheduler: Scheduler) -> None:
    found = {(one.flow, one.name): one for one in scheduler.runs.schedules()}
    assert {"ingest", "train", "forecast"} <= {flow for flow, _ in found}
    assert not any(one.active for one in found.values())
    assert found["ingest", "tw"].timezone == "Asia/Taipei"


def test_a_run_trains_and_says_who_and_why(scheduler: Scheduler) -> None:
    parameters = {"scope": "AAPL", "reason": "to see it run", "who": "ann"}
    run_id = scheduler.runs.submit("train", parameters, "once")
    assert scheduler.runs.submit("train", parameters, "once") == run_id
    run = scheduler.ended(run_id)
    assert run.state == RunState.COMPLETED, scheduler.output()
    assert run_id in [one.id for one in scheduler.runs.latest("train", 5)]
    model = Workspace(scheduler.settings).registry.challenger("AAPL")
    assert model is not None and model.card.run == run_id and model.card.tickers == ("AAPL",)
    assert (model.card.actor, model.card.reason) == ("ann", "to see it run")
    assert run.message.startswith(f"Version {model.version} is the challenger for AAPL now. ")
    assert Workspace(scheduler.settings).mlflow_mirror.run_ids().keys() == {1, model.version}
    until(lambda: any("Walk-forward" in line for line in scheduler.runs.lines(run_id)), 10)


def test_a_run_that_cannot_be_done_fails_in_one_sentence(scheduler: Scheduler) -> None:
    run = scheduler.ended(scheduler.runs.submit("train", {"scope": "ZZZZ"}, "no bars"))
    assert (run.state, run.message) == (RunState.FAILED, "No bars are stored for the scope ZZZZ.")
    assert not any("Traceback" in line for line in scheduler.runs.lines(run.id))


def test_an_unknown_run_and_flow_are_not_found(scheduler: Scheduler) -> None:
    for ask in (
        lambda: scheduler.runs.get("00000000-0000-0000-0000-000000000000"),
        lambda: scheduler.runs.submit("dance", {}, "key"),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_what_is_asked_for_while_prefect_is_down_runs_once(
    scheduler: Scheduler, outbox: Outbox
) -> None:
    scheduler.end("prefect")
    request, _ = outbox.ask(
        "train", {"scope": "MSFT", "reason": "while down"}, "ann", datetime.now(UTC)
    )
    dispatch(outbox, scheduler.runs)
    assert outbox.get(request.id).run_id is None
    scheduler.start("prefect")
    scheduler.until_ready()
    for _ in range(2):  # as after a restart of the app that had not noted the run
        dispatch(Outbox(open_records(scheduler.settings.records_address)), scheduler.runs)
    run_id = outbox.get(request.id).run_id
    assert run_id is not None
    scheduler.ended(run_id)
    dispatch(outbox, scheduler.runs)
    assert outbox.get(request.id).outcome == RunState.COMPLETED
    versions = Workspace(scheduler.settings).registry.versions()
    assert [model.card.run for model in versions].count(run_id) == 1


def test_a_run_whose_process_is_killed_is_shown_as_crashed(
    scheduler: Scheduler, outbox: Outbox
) -> None:
    champion = Workspace(scheduler.settings).registry.champion()
    request, _ = outbox.ask("train", {"scope": "all", "reason": "doomed"}, "ann", datetime.now(UTC))
    dispatch(outbox, scheduler.runs)
    run_id = str(outbox.get(request.id).run_id)
    run_locks = Workspace(scheduler.settings).run_locks
    until(lambda: run_locks.is_alive(run_id))
    scheduler.end("flows", signal.SIGKILL)
    until(lambda: run_locks.orphaned(run_id), 20)
    Reaper(run_locks, scheduler.runs).look()
    run = scheduler.runs.get(run_id)
    assert (run.state, run.ended) == (RunState.CRASHED, True)
    dispatch(outbox, scheduler.runs)
    assert outbox.get(request.id).outcome == RunState.CRASHED
    assert Workspace(scheduler.settings).registry.champion() == champion
    scheduler.start("flows")


def test_tripled_volatility_starts_a_training_with_its_reason(scheduler: Scheduler) -> None:
    bars = Workspace(scheduler.settings).bars
    wide = np.r_[np.full(SESSIONS, 0.02), np.full(RECENT, 0.06)]
    for number, ticker in enumerate(("AAPL", "MSFT", "TSM")):
        longer = walk(ticker, SESSIONS + RECENT, number, volatility=wide, end="2024-08-23")
        bars.remove(Ticker.parse(ticker))
        bars.upsert(longer.assign(source="csv"))
    before = len(Workspace(scheduler.settings).registry.versions())
    run = scheduler.ended(scheduler.runs.submit("monitor", {}, "watch"))
    assert run.state == RunState.COMPLETED, scheduler.output()
    report = Workspace(scheduler.settings).reports.latest()[0]
    assert report.confirmed and report.training_asked, json.dumps(run.message)

    registry = Workspace(scheduler.settings).registry
    until(lambda: len(registry.versions()) > before)
    model = registry.versions()[-1]
    started = scheduler.ended(model.card.run)
    assert started.parameters["who"] == "monitor"
    assert started.parameters["reason"] == model.card.reason
    assert model.card.reason.startswith(f"Confirmed in report {report.id} on ")
    assert "Data drift: " in model.card.reason

    # The next look, whoever serves by now, is of the same episode and starts no other.
    again = scheduler.ended(scheduler.runs.submit("monitor", {}, "watch again"))
    assert again.state == RunState.COMPLETED, scheduler.output()
    assert not Workspace(scheduler.settings).reports.latest()[0].training_asked
    assert registry.versions()[-1] == model
