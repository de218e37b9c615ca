"""The nightly schedules on a real Prefect: what is wished here is what it does."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.server.schemas.schedules import CronSchedule

from app.state.schedules import follow, is_pending, states_of
from core.foundation.errors import OfflineError
from core.foundation.outbox import RunState
from core.wiring import Workspace
from core.workflows.schedules.evenings import EVENINGS
from core.workflows.schedules.former import FORMER
from core.workflows.schedules.switches import EVENING, nightly_switches, switch_nightly
from tests.integration.test_schedules import Ask, asking, deployment, listed, restart
from tests.support.scheduler import START_SECONDS, Scheduler, scheduled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    with scheduled(tmp_path_factory.mktemp("nightly")) as found, asking(found) as client:
        deadline = time.monotonic() + START_SECONDS
        while client.get("/variables/name/tickerlens_offered").is_error:  # which is noted last
            assert time.monotonic() < deadline, found.output()
            time.sleep(0.3)
        yield found


@pytest.fixture
def workspace(scheduler: Scheduler) -> Workspace:
    return Workspace(scheduler.settings)


@pytest.fixture
def prefect(scheduler: Scheduler) -> Iterator[Ask]:
    with asking(scheduler) as client:

        def ask(method: str, path: str, body: object = None) -> Any:
            response = client.request(method, path, json=body)
            assert not response.is_error, response.text
            return response.json() if response.content else None

        yield ask


def active(scheduler: Scheduler) -> set[tuple[str, str]]:
    return {(one.flow, one.name) for one in scheduler.runs.schedules() if one.active}


def test_each_market_has_a_deployment_that_is_off_by_its_own_clock(scheduler: Scheduler) -> None:
    found = {one.flow: one for one in scheduler.runs.schedules() if one.name == EVENING}
    assert found.keys() == {"nightly-us", "nightly-tw", "nightly-other"}
    assert {(one.when, one.timezone, one.active) for one in found.values()} == {
        ("0 17 * * *", "America/New_York", False),
        ("0 15 * * *", "Asia/Taipei", False),
        ("30 22 * * *", "UTC", False),
    }
    own = {one.flow for one in scheduler.runs.schedules()}
    assert {"ingest", "score", "monitor", "forecast", "train"} <= own


@pytest.mark.parametrize("year", [2026, 2027])
@pytest.mark.parametrize("month", [3, 11])
def test_prefect_fires_at_the_hour_of_new_york_over_both_changes_of_the_clock(
    year: int, month: int
) -> None:
    evening = EVENINGS["us"]
    schedule = CronSchedule(cron=evening.cron, timezone=evening.zone)
    start = datetime(year, month, 1, tzinfo=UTC) - timedelta(days=5)
    with ThreadPoolExecutor(1) as pool:  # a browser of another test may keep a loop in this thread
        dates = pool.submit(asyncio.run, schedule.get_dates(n=20, start=start)).result()
    local = [one.astimezone(evening.at(one.date()).tzinfo) for one in dates]
    assert len({one.utcoffset() for one in local}) == 2
    assert [(one.hour, one.minute) for one in local] == [(17, 0)] * 20
    assert [one.astimezone(UTC) for one in dates] == [
        evening.at(one.date()).astimezone(UTC) for one in local
    ]
    days = [one.date() for one in local]  # none left out, none twice
    assert days == [days[0] + timedelta(days=ahead) for ahead in range(20)]


def test_a_night_of_a_market_runs_from_its_deployment_and_says_why_nothing_was_due(
    scheduler: Scheduler, prefect: Ask
) -> None:
    found = prefect("GET", "/deployments/name/nightly/nightly-us")
    made = prefect("POST", f"/deployments/{found['id']}/create_flow_run", {})
    run = scheduler.ended(made["id"])
    assert run.state == RunState.COMPLETED, scheduler.output()
    assert run.message == "No ticker of one's own is tracked in the market us."


def test_what_is_wished_while_prefect_is_away_is_done_when_it_is_back(
    scheduler: Scheduler, workspace: Workspace
) -> None:
    now = datetime.now(UTC)
    scheduler.end("prefect")
    switch_nightly(workspace, "tw", True, "ann", now)
    with pytest.raises(OfflineError):
        follow(workspace, scheduler.runs, now)
    assert is_pending(workspace)
    away = {one.name: one for one in states_of(workspace, scheduler.runs, now)}
    assert (away["nightly-tw"].active, away["nightly-tw"].pending) == (True, True)
    assert away["train"].active is None and {"backfill", "replay"} <= away.keys()
    scheduler.start("prefect")
    scheduler.until_ready()
    follow(workspace, scheduler.runs, now)
    assert active(scheduler) == {("nightly-tw", EVENING)} and not is_pending(workspace)
    # Whoever switches it in Prefect's own pages finds it as it is wished here.
    scheduler.runs.switch(listed(scheduler, "nightly-tw", EVENING), False)
    follow(workspace, scheduler.runs, now)
    assert active(scheduler) == {("nightly-tw", EVENING)}
    switch_nightly(workspace, "tw", False, "ann", datetime.now(UTC))
    follow(workspace, scheduler.runs, now)
    assert active(scheduler) == set()


def test_schedules_that_were_on_before_go_on_as_nights_and_no_work_is_done_twice(
    scheduler: Scheduler, workspace: Workspace, prefect: Ask
) -> None:
    before = [("ingest", "us"), ("score", "daily"), ("monitor", "daily"), ("forecast", "daily")]
    for flow, name in [*before, ("train", "weekly")]:
        scheduler.runs.switch(listed(scheduler, flow, name), True)
    known = prefect("GET", "/variables/name/tickerlens_offered")
    older = [one for one in known["value"] if not one.startswith("nightly-")]
    assert len(older) == len(known["value"]) - 3
    prefect("PATCH", f"/variables/{known['id']}", {"value": older})
    restart(scheduler, prefect)
    wish = nightly_switches(workspace)["us"]
    assert (wish.active, wish.actor, wish.applied_at) == (True, "program", None)
    assert active(scheduler) == {*before, ("train", "weekly")}  # no evening is left out meanwhile
    follow(workspace, scheduler.runs, datetime.now(UTC))
    assert active(scheduler) == {("nightly-us", EVENING), ("train", "weekly")}
    reasons = [one.reason for one in workspace.audit.latest(4)]
    assert reasons == ["nightly-us does this now"] * 4
    # A person who wants one of them all the same keeps it.
    scheduler.runs.switch(listed(scheduler, "ingest", "us"), True)
    restart(scheduler, prefect)
    follow(workspace, scheduler.runs, datetime.now(UTC))
    assert ("ingest", "us") in active(scheduler)
    assert deployment(prefect, "ingest")["schedules"] and ("ingest", "us") in FORMER


def test_the_list_says_last_and_next_of_what_has_a_schedule_and_of_what_is_asked_for(
    scheduler: Scheduler, workspace: Workspace
) -> None:
    switch_nightly(workspace, "us", True, "ann", datetime.now(UTC))
    follow(workspace, scheduler.runs, datetime.now(UTC))
    now = datetime.now(UTC)
    deadline = time.monotonic() + 60
    while True:  # Prefect plans its runs in a loop of its own
        found = {one.name: one for one in states_of(workspace, scheduler.runs, now)}
        if found["train"].next is not None or time.monotonic() > deadline:
            break
        time.sleep(1)
    train, us = found["train"], found["nightly-us"]
    assert train.active and train.next is not None and now < train.next < now + timedelta(days=8)
    assert us.active and us.next is not None and now < us.next < now + timedelta(days=8)
    assert us.next.astimezone(EVENINGS["us"].at(now.date()).tzinfo).hour == 17
    assert us.skipped is not None and "No ticker of one's own" in str(us.skipped[1])
    assert found["replay"].when == found["backfill"].when == ""
