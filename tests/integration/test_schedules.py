"""Schedules on a real Prefect: what the app and a restart do not name stays as a person left it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.state.prefect_client import Schedule
from core.reference.exchanges import BY_SUFFIX
from core.wiring import Workspace
from tests.support.scheduler import RUN_SECONDS, START_SECONDS, Scheduler, scheduled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
Ask = Callable[..., Any]
EVERY_HOUR = {"interval": 3600, "anchor_date": "2026-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheduler]:
    with scheduled(tmp_path_factory.mktemp("schedules")) as found, asking(found) as client:
        deadline = time.monotonic() + START_SECONDS
        while client.get("/variables/name/tickerlens_offered").is_error:  # which is noted last
            assert time.monotonic() < deadline, found.output()
            time.sleep(0.3)
        yield found


def asking(scheduler: Scheduler) -> httpx.Client:
    address = Workspace(scheduler.settings).scheduler
    user, _, password = address.auth.partition(":")
    return httpx.Client(base_url=address.url, auth=(user, password), timeout=30)


@pytest.fixture
def prefect(scheduler: Scheduler) -> Iterator[Ask]:
    """Prefect's own interface, as its pages use it."""
    with asking(scheduler) as client:

        def ask(method: str, path: str, body: object = None) -> Any:
            deadline = time.monotonic() + START_SECONDS
            response = client.request(method, path, json=body)
            while response.status_code == 503 and time.monotonic() < deadline:
                time.sleep(0.5)  # its database was locked for a moment; its own client asks again
                response = client.request(method, path, json=body)
            assert not response.is_error, response.text
            return response.json() if response.content else None

        yield ask


def deployment(prefect: Ask, flow: str) -> dict[str, Any]:
    found = prefect("GET", f"/deployments/name/{flow}/{flow}")
    assert isinstance(found, dict)
    return found


def schedules(prefect: Ask, flow: str) -> dict[str | None, dict[str, Any]]:
    """By slug, without what changes by itself."""
    columns = ("id", "schedule", "active", "parameters", "max_scheduled_runs")
    found = deployment(prefect, flow)["schedules"]
    return {one["slug"]: {name: one[name] for name in columns} for one in found}


def listed(scheduler: Scheduler, flow: str, name: str) -> Schedule:
    return next(one for one in scheduler.runs.schedules() if (one.flow, one.name) == (flow, name))


def automation(prefect: Ask) -> dict[str, Any]:
    (found,) = prefect("POST", "/automations/filter", {"limit": 10})
    assert isinstance(found, dict)
    return found


def restart(scheduler: Scheduler, prefect: Ask) -> None:
    """Serve the flows anew; the last of them is written last."""
    before = deployment(prefect, "publish")["updated"]
    scheduler.end("flows")
    scheduler.start("flows")
    deadline = time.monotonic() + START_SECONDS
    while deployment(prefect, "publish")["updated"] == before:
        assert time.monotonic() < deadline, scheduler.output()
        time.sleep(0.3)


@pytest.mark.soak
def test_switching_a_schedule_changes_nothing_else(scheduler: Scheduler, prefect: Ask) -> None:
    found = deployment(prefect, "train")
    weekly = f"/deployments/{found['id']}/schedules/{found['schedules'][0]['id']}"
    prefect("PATCH", weekly, {"parameters": {"scope": "us"}, "max_scheduled_runs": 3})
    for flow, name in (("ingest", "us"), ("ingest", "tw"), ("train", "weekly")):
        before = schedules(prefect, flow)
        assert before[name]["parameters"]
        for active in (True, False, True):
            scheduler.runs.switch(listed(scheduler, flow, name), active)
            assert schedules(prefect, flow) == {**before, name: {**before[name], "active": active}}


@pytest.mark.soak
def test_what_was_changed_in_prefect_survives_a_restart(scheduler: Scheduler, prefect: Ask) -> None:
    ingest, monitor, train = (deployment(prefect, one) for one in ("ingest", "monitor", "train"))
    own = {
        one["slug"]: f"/deployments/{ingest['id']}/schedules/{one['id']}"
        for one in ingest["schedules"]
    }
    moved = {"cron": "5 4 * * 1", "timezone": "Europe/Berlin"}
    prefect("PATCH", own["tw"], {"schedule": moved, "parameters": {"market": "tw", "who": "ann"}})
    prefect("DELETE", own["other"])
    added = [{"schedule": EVERY_HOUR, "active": True}]
    prefect("POST", f"/deployments/{monitor['id']}/schedules", added)
    changed = {
        "parameters": {"model": "ewma"},
        "paused": True,
        "concurrency_limit": 2,
        "tags": ["mine", "tickerlens"],
        "job_variables": {"env": {"X": "1"}},
        "description": "ours",
    }
    prefect("PATCH", f"/deployments/{train['id']}", changed)
    prefect("PATCH", f"/automations/{automation(prefect)['id']}", {"enabled": False})

    def state() -> dict[str, Any]:
        found = {flow: schedules(prefect, flow) for flow in ("ingest", "monitor", "train")}
        stored = {name: deployment(prefect, "train").get(name) for name in changed}
        trigger = {name: automation(prefect)[name] for name in ("id", "enabled", "trigger")}
        return {**found, "train itself": stored, "trigger": trigger}

    before = state()
    assert before["ingest"]["tw"]["schedule"]["timezone"] == "Europe/Berlin"
    assert "other" not in before["ingest"] and None in before["monitor"]
    restart(scheduler, prefect)
    assert state() == before
    assert listed(scheduler, "monitor", "").when == "every 3600 s"
    scheduler.runs.switch(listed(scheduler, "monitor", ""), False)
    prefect("DELETE", f"/automations/{automation(prefect)['id']}")
    restart(scheduler, prefect)
    assert prefect("POST", "/automations/filter", {"limit": 10}) == []


def test_a_home_of_before_gets_back_what_switching_had_emptied(
    scheduler: Scheduler, prefect: Ask
) -> None:
    found = deployment(prefect, "ingest")
    us = next(one for one in found["schedules"] if one["slug"] == "us")
    path = f"/deployments/{found['id']}/schedules/{us['id']}"
    prefect("PATCH", path, {"active": True, "parameters": {}})
    prefect("DELETE", "/variables/name/tickerlens_offered")
    restart(scheduler, prefect)
    again = schedules(prefect, "ingest")["us"]
    assert (again["active"], again["parameters"]) == (True, {"market": "us"})
    (trigger,) = prefect("POST", "/automations/filter", {"limit": 10})
    assert trigger["enabled"]


def test_a_schedule_in_the_exchange_s_time_starts_a_run_when_it_is_due(
    scheduler: Scheduler, prefect: Ask
) -> None:
    """Off until it is switched on; Taipei's clock is never set back, so one run is due."""
    due = (datetime.now(UTC) + timedelta(seconds=75)).replace(second=0, microsecond=0)
    zone = BY_SUFFIX[".TW"].timezone
    there = due.astimezone(zone)
    cron = f"{there.minute} {there.hour} {there.day} {there.month} *"
    rule = {"cron": cron, "timezone": str(zone)}
    found = deployment(prefect, "score")
    added = [{"schedule": rule, "active": False, "slug": "soon"}]
    prefect("POST", f"/deployments/{found['id']}/schedules", added)
    scheduler.runs.switch(listed(scheduler, "score", "soon"), True)
    wanted = {
        "deployments": {"id": {"any_": [found["id"]]}},
        "flow_runs": {"expected_start_time": {"after_": str(due), "before_": str(due)}},
    }
    deadline = time.monotonic() + 75 + RUN_SECONDS
    while not (runs := prefect("POST", "/flow_runs/filter", wanted)):
        assert time.monotonic() < deadline, scheduler.output()
        time.sleep(0.3)
    (run,) = (scheduler.ended(one["id"]) for one in runs)
    assert run.state == "COMPLETED", scheduler.output()
    assert run.started is not None
    assert run.started > due - timedelta(seconds=1)  # Prefect waits whole seconds
