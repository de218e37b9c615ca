"""The only door to Prefect: submit, read and cancel flow runs, over its HTTP interface.

Importing Prefect's own client costs seconds, which a page would pay for; the interface is the
same one, and every call of the app's ends within `PATIENCE_SECONDS`.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from core.foundation.access import Scheduler
from core.foundation.errors import NotFoundError, OfflineError, SlowError
from core.foundation.outbox import RunState

PATIENCE_SECONDS = 2.0
_BUSY_PAUSES = (0.2, 0.4, 0.0)
TAG = "tickerlens"  # what every run of our flows carries
_TRACE = "Traceback (most recent call last):"
_CANCELLED_EARLY = "UnfinishedRun"  # Prefect's own way to say that a run may not begin


@dataclass(frozen=True)
class Run:
    """A flow run as Prefect tells it.

    Parameters
    ----------
    state : Prefect's type; `name` is its word for people, such as "Late".
    message : what Prefect or the flow said last, one sentence.
    since : when it came into this state.
    started : None before the run began.
    seconds : how long it has run.
    """

    id: str
    state: RunState
    name: str
    message: str
    since: datetime
    started: datetime | None
    seconds: float
    parameters: dict[str, Any]

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state.ended


@dataclass(frozen=True)
class Schedule:
    """When a flow runs by itself; `active` False is a schedule that is switched off."""

    id: str
    deployment_id: str
    flow: str
    name: str
    when: str
    timezone: str
    active: bool


class Runs:
    """One Prefect server.

    Every method raises OfflineError where it does not answer in time or refuses the password; where
    it takes the connection and is late, SlowError.

    Parameters
    ----------
    patience : seconds that an answer may take.
    """

    def __init__(self, scheduler: Scheduler, timeout: float = PATIENCE_SECONDS) -> None:
        user, _, password = scheduler.auth.partition(":")
        self._client = httpx.Client(
            base_url=scheduler.url,
            auth=(user, password),
            timeout=timeout,
            trust_env=False,  # a proxy of the environment is not for this machine
        )

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def ready(self) -> bool:
        """Whether the server answers and the flows are there to be run."""
        try:
            self._ask("GET", "/deployments/name/train/train")
        except (OfflineError, NotFoundError):
            return False
        return True

    def submit(self, flow: str, parameters: dict[str, Any], key: str) -> str:
        """Start a run and give its id; the same key gives the same run.

        Raises
        ------
        NotFoundError : the flow is not served yet.
        """
        found = self._ask("GET", f"/deployments/name/{flow}/{flow}")
        body = {"parameters": parameters, "idempotency_key": key}
        made = self._ask("POST", f"/deployments/{found['id']}/create_flow_run", body)
        return str(made["id"])

    def get(self, run_id: str) -> Run:
        """One run.

        Raises
        ------
        NotFoundError : Prefect does not know it.
        """
        return _run(self._ask("GET", f"/flow_runs/{run_id}"))

    def made_of(self, key: str) -> list[Run]:
        """The runs that were made of a key; none if the scheduler never took it."""
        body = {"flow_runs": {"idempotency_key": {"any_": [key]}}, "limit": 10}
        return [_run(one) for one in self._ask("POST", "/flow_runs/filter", body)]

    def latest(self, flow: str, limit: int) -> list[Run]:
        """The newest runs of a flow that began, newest first, by whatever started them."""
        body = {
            "flows": {"name": {"any_": [flow]}},
            "flow_runs": {"tags": {"all_": [TAG]}, "start_time": {"is_null_": False}},
            "sort": "START_TIME_DESC",
            "limit": limit,
        }
        return [_run(one) for one in self._ask("POST", "/flow_runs/filter", body)]

    def active(self, limit: int = 50) -> list[Run]:
        """Runs of our flows that are pending or running, newest first, by whatever started them."""
        body = {
            "flow_runs": {
                "state": {
                    "type": {"any_": [RunState.PENDING, RunState.RUNNING, RunState.CANCELLING]}
                },
                "tags": {"all_": [TAG]},
            },
            "sort": "START_TIME_DESC",
            "limit": limit,
        }
        return [_run(one) for one in self._ask("POST", "/flow_runs/filter", body)]

    def lines(self, run_id: str, limit: int = 200) -> list[str]:
        """The log of a run, oldest line first."""
        body = {
            "logs": {"flow_run_id": {"any_": [run_id]}, "level": {"ge_": 20}},
            "sort": "TIMESTAMP_DESC",
            "limit": limit,
        }
        found = self._ask("POST", "/logs/filter", body)
        lines = [(one["timestamp"][11:19], sentence(one["message"])) for one in reversed(found)]
        return [f"{at} {words}" for at, words in lines if words]

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop; Prefect itself ends one that no process works on yet."""
        self._set(run_id, RunState.CANCELLING)

    def give_up(self, run: Run, message: str) -> None:
        """Note that nobody works on a run any more: it crashed, or its cancelling is done."""
        self._set(
            run.id,
            RunState.CANCELLED if run.state == RunState.CANCELLING else RunState.CRASHED,
            message,
        )

    def _set(self, run_id: str, state: RunState, message: str = "") -> None:
        """Propose a state, which Prefect refuses where it does not follow from the present one."""
        proposed = {"type": state, "name": state.title(), "message": message}
        self._ask("POST", f"/flow_runs/{run_id}/set_state", {"state": proposed, "force": False})

    def schedules(self) -> list[Schedule]:
        """Every schedule of every flow, by flow and name."""
        found = self._ask("POST", "/deployments/filter", {"limit": 50, "sort": "NAME_ASC"})
        return [
            Schedule(
                id=one["id"],
                deployment_id=deployment["id"],
                flow=deployment["name"],
                name=one.get("slug") or "",
                when=_when(one["schedule"]),
                timezone=one["schedule"].get("timezone") or "UTC",
                active=one["active"],
            )
            for deployment in found
            for one in sorted(deployment["schedules"], key=lambda one: one.get("slug") or "")
        ]

    def next_runs(self) -> dict[str, datetime]:
        """When each deployment runs next, by its id."""
        waiting = {"state": {"type": {"any_": [RunState.SCHEDULED]}}, "tags": {"all_": [TAG]}}
        body = {"flow_runs": waiting, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
        found = self._ask("POST", "/flow_runs/filter", body)
        due = {one["deployment_id"]: one["expected_start_time"] for one in reversed(found)}
        return {key: datetime.fromisoformat(at) for key, at in due.items()}

    def switch(self, schedule: Schedule, active: bool) -> None:
        """Switch a schedule on or off.

        Raises
        ------
        NotFoundError : it was deleted meanwhile.
        """
        path = f"/deployments/{schedule.deployment_id}/schedules"
        found = [one for one in self._ask("GET", path) if one["id"] == schedule.id]
        if not found:
            raise NotFoundError(
                "schedule.deleted",
                "The schedule {schedule} was deleted meanwhile.",
                {"schedule": schedule.name},
                parameter="schedule",
            )
        # Prefect empties the parameters of a schedule whenever they are not named.
        values = {"active": active, "parameters": found[0]["parameters"]}
        self._ask("PATCH", f"{path}/{schedule.id}", values)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        for pause in _BUSY_PAUSES:
            response = self._request(method, path, body)
            if response.status_code != 503:
                break
            time.sleep(pause)  # its database was locked for a moment; every call may be repeated
        if response.status_code in (401, 403):
            raise OfflineError(
                "scheduler.refuses-password",
                "The scheduler (Prefect) refuses the password.",
                parameter="scheduler",
            )
        if response.status_code == 404:
            raise NotFoundError(
                "scheduler.unknown",
                "The scheduler (Prefect) does not know this yet.",
                parameter="scheduler",
            )
        if response.is_error:
            raise OfflineError(
                "scheduler.bad-status",
                "The scheduler (Prefect) answered with status {status}.",
                {"status": response.status_code},
                parameter="scheduler",
            )
        return response.json() if response.content else None

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        try:
            return self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            late = isinstance(error, httpx.TimeoutException)
            late = late and not isinstance(error, httpx.ConnectTimeout)
            if late:
                raise SlowError(
                    "scheduler.slow",
                    "The scheduler (Prefect) is slow to answer; what was asked for waits for it.",
                    parameter="scheduler",
                ) from error
            raise OfflineError(
                "scheduler.no-answer",
                "The scheduler (Prefect) does not answer; what was asked for waits for it.",
                parameter="scheduler",
            ) from error


def sentence(message: str) -> str:
    """A line of a log in one line, without the trace of an error; empty if nothing is left."""
    if _CANCELLED_EARLY in message:
        return "It was cancelled before it began."
    head, trace, rest = message.partition(_TRACE)
    text = " ".join(head.split())
    if trace and not text:
        text = " ".join(rest.strip().rpartition("\n")[2].split())
    return text


def _when(schedule: dict[str, Any]) -> str:
    """The rule of a schedule: a cron line as ours are, or what a person gave in Prefect."""
    seconds = schedule.get("interval")
    return schedule.get("cron") or schedule.get("rrule") or f"every {float(seconds or 0):.0f} s"


def _run(values: dict[str, Any]) -> Run:
    state = values.get("state") or {}
    started = values.get("start_time")
    return Run(
        id=values["id"],
        state=RunState(values.get("state_type") or RunState.SCHEDULED),
        name=values.get("state_name") or "Scheduled",
        message=(state.get("message") or "").strip(),
        since=datetime.fromisoformat(state.get("timestamp") or values["created"]),
        started=datetime.fromisoformat(started) if started else None,
        seconds=float(values.get("estimated_run_time") or 0.0),
        parameters=values.get("parameters") or {},
    )
