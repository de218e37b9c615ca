"""The only door to Prefect: submit, read and cancel flow runs, over its HTTP interface.

Importing Prefect's own client costs seconds, which a page would pay for; the interface is the
same one, and every call ends within `PATIENCE_SECONDS`.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from core.errors import NotFoundError, OfflineError
from core.storage.access import Scheduler

PATIENCE_SECONDS = 2.0
_BUSY_PAUSES = (0.2, 0.4, 0.0)
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass(frozen=True)
class Run:
    """A flow run as Prefect tells it.

    Parameters
    ----------
    state : Prefect's type, such as RUNNING; `name` is its word for people, such as "Late".
    message : what Prefect or the flow said last, one sentence.
    since : when it came into this state.
    started : None before the run began.
    seconds : how long it has run.
    """

    id: str
    state: str
    name: str
    message: str
    since: datetime
    started: datetime | None
    seconds: float
    parameters: dict[str, Any]

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED


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

    Every method raises OfflineError where it does not answer in time or refuses the password.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        user, _, password = scheduler.auth.partition(":")
        self._client = httpx.Client(
            base_url=scheduler.url,
            auth=(user, password),
            timeout=PATIENCE_SECONDS,
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

    def active(self, limit: int = 20) -> list[Run]:
        """Runs that are pending or running, newest first, whoever started them."""
        body = {
            "flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}},
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
        return [f"{one['timestamp'][11:19]} {one['message']}" for one in reversed(found)]

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop."""
        begun = self.get(run_id).state in ("RUNNING", "PENDING")
        state = "CANCELLING" if begun else "CANCELLED"
        body = {"state": {"type": state, "name": state.title()}, "force": False}
        self._ask("POST", f"/flow_runs/{run_id}/set_state", body)

    def give_up(self, run: Run, message: str) -> None:
        """Note that nobody works on a run any more: it crashed, or its cancelling is done."""
        state = "CANCELLED" if run.state == "CANCELLING" else "CRASHED"
        body = {"state": {"type": state, "name": state.title(), "message": message}, "force": True}
        self._ask("POST", f"/flow_runs/{run.id}/set_state", body)

    def schedules(self) -> list[Schedule]:
        """Every schedule of every flow, by flow and name."""
        found = self._ask("POST", "/deployments/filter", {"limit": 50, "sort": "NAME_ASC"})
        return [
            Schedule(
                id=one["id"],
                deployment_id=deployment["id"],
                flow=deployment["name"],
                name=one.get("slug") or "",
                when=one["schedule"].get("cron", ""),
                timezone=one["schedule"].get("timezone") or "UTC",
                active=one["active"],
            )
            for deployment in found
            for one in sorted(deployment["schedules"], key=lambda one: one.get("slug") or "")
        ]

    def switch(self, schedule: Schedule, active: bool) -> None:
        """Switch a schedule on or off."""
        path = f"/deployments/{schedule.deployment_id}/schedules/{schedule.id}"
        self._ask("PATCH", path, {"active": active})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        for pause in _BUSY_PAUSES:
            answer = self._request(method, path, body)
            if answer.status_code != 503:
                break
            time.sleep(pause)  # its database was locked for a moment; every call may be repeated
        if answer.status_code in (401, 403):
            raise OfflineError("The scheduler (Prefect) refuses the password.", "scheduler")
        if answer.status_code == 404:
            raise NotFoundError("The scheduler (Prefect) does not know this yet.", "scheduler")
        if answer.is_error:
            raise OfflineError(
                f"The scheduler (Prefect) answered with status {answer.status_code}.", "scheduler"
            )
        return answer.json() if answer.content else None

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        try:
            return self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise OfflineError(
                "The scheduler (Prefect) does not answer; what was asked for waits for it.",
                "scheduler",
            ) from error


def _run(values: dict[str, Any]) -> Run:
    state = values.get("state") or {}
    started = values.get("start_time")
    return Run(
        id=values["id"],
        state=values.get("state_type") or "SCHEDULED",
        name=values.get("state_name") or "Scheduled",
        message=(state.get("message") or "").strip(),
        since=datetime.fromisoformat(state.get("timestamp") or values["created"]),
        started=datetime.fromisoformat(started) if started else None,
        seconds=float(values.get("estimated_run_time") or 0.0),
        parameters=values.get("parameters") or {},
    )
