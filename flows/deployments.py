"""The flows as Prefect sees them: each calls what the command of the same name calls."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.deployments.runner import EntrypointType
from prefect.events import DeploymentEventTrigger, emit_event
from prefect.runtime import flow_run
from prefect.schedules import Cron
from prefect.states import Cancelled, Completed, Failed

from core.foundation.errors import TickerLensError
from core.foundation.keys.caller import Caller, Entrance, called_from
from core.foundation.messages import Message
from core.foundation.outbox import RequestOrigin, StoppedError
from core.foundation.run_locks import GivenUpError
from core.foundation.settings import load_settings
from core.lifecycle.train import DEFAULT, TrainingRequest
from core.market_data.ingest import WantedBars
from core.reference.naming.lists import find_all
from core.reference.scope import ALL
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.backfill import backfill as run_backfill
from core.workflows.bars.ingest import ingest as run_ingest
from core.workflows.forecast import forecast as run_forecast
from core.workflows.forecast import unrecorded
from core.workflows.monitor import monitor as run_monitor
from core.workflows.nightly import nightly as run_nightly
from core.workflows.replay import WantedReplay
from core.workflows.replay import replay as run_replay
from core.workflows.schedules.evenings import EVENINGS
from core.workflows.schedules.former import FORMER
from core.workflows.schedules.switches import EVENING, deployment_of
from core.workflows.score import score as run_score
from core.workflows.training.publish import publish as run_publish
from core.workflows.training.recorded import Beginning, SkippedError
from core.workflows.training.train import train as run_train
from flows.measuring import measure
from flows.offered import OfferedDeployment
from flows.summary import summary

AT_ONCE = 2
TAG = "tickerlens"  # what the app knows our runs by
DRIFT_EVENT = "tickerlens.drift.confirmed"
_MONITOR = "monitor"  # who asks for what drift starts
_NEW_YORK = "America/New_York"
# What each deployment of the nightly work is given.
_NIGHTLY = {deployment_of(market): {"market": market} for market in EVENINGS}


class LoggedProgress:
    """A `Progress` that writes a line to the run's log when a step begins, and each tenth of it."""

    def __init__(self) -> None:
        self._log = get_run_logger()
        self._last = ("", -1)

    def __call__(self, step: str, done: int, total: int, part: str = "") -> None:
        now = (step, 10 * done // max(total, 1))
        if now != self._last:
            self._last = now
            self._log.info("%s: %s of %s", step, done, total) if total > 1 else self._log.info(step)


def _done(work_of: Callable[[Workspace, LoggedProgress], dict[str, Any]]) -> State[Any]:
    """Run one piece of work; what is wrong with it ends the run in one sentence, not a trace."""
    workspace = Workspace(load_settings())
    try:
        with (
            workspace.run_locks.alive(str(flow_run.get_id())),
            called_from(Caller(Entrance.SCHEDULE)),
        ):
            result = work_of(workspace, LoggedProgress())
    except SkippedError as error:
        return Cancelled(name="Skipped", message=error.message)
    except (GivenUpError, StoppedError) as error:
        return Cancelled(message=error.message)
    except TickerLensError as error:
        get_run_logger().error(error.message)
        return Failed(message=error.message)
    message = summary(result)
    return Failed(message=message) if unrecorded(result) else Completed(message=message)


@flow
def ingest(tickers: str = "", source: str = "", market: str = "", who: str = "schedule") -> Any:
    """Fetch what is missing; all tracked tickers, or those of a market, unless some are named."""

    def fetch(workspace: Workspace, progress: LoggedProgress) -> dict[str, Any]:
        wanted = WantedBars(_parsed(tickers), source, market=market)
        return run_ingest(workspace, wanted, who, datetime.now(UTC), progress).to_dict()

    return _done(fetch)


@flow
def backfill(
    start: date,
    end: date | None = None,
    tickers: str = "",
    source: str = "",
    again: bool = False,
    who: str = "schedule",
) -> Any:
    """Fill a past range of all tracked tickers unless some are named; goes on after a stop."""

    def fill(workspace: Workspace, progress: LoggedProgress) -> dict[str, Any]:
        last = None if end is None else pd.Timestamp(end)
        first, named = pd.Timestamp(start), _parsed(tickers)
        wanted = WantedBars(named, source, start=first, end=last, again=again)
        return run_backfill(workspace, wanted, who, datetime.now(UTC), progress)

    return _done(fill)


@flow
def train(
    scope: str = ALL,
    model: str = DEFAULT,
    reason: str = "scheduled",
    who: str = "schedule",
    gate: bool = True,
    evaluate_all: bool = False,
) -> Any:
    """Train on the stored bars; unless told otherwise, the gate decides whether it serves."""
    request = TrainingRequest(who, reason, scope, model, gate=gate, evaluate_all=evaluate_all)
    begun = _beginning(who)
    return _done(
        lambda workspace, progress: run_train(workspace, request, progress, beginning=begun)
    )


@flow
def forecast() -> Any:
    """Forecast every ticker with the champion and write it into the ledger."""
    return _done(lambda workspace, progress: run_forecast(workspace, progress=progress))


@flow
def score() -> Any:
    """Score forecasts whose target sessions have closed."""
    return _done(
        lambda workspace, progress: run_score(workspace, datetime.now(UTC), progress=progress)
    )


@flow
def monitor() -> Any:
    """Compare the champion's past with the latest window; confirmed drift starts a training."""

    def look(workspace: Workspace, progress: LoggedProgress) -> dict[str, Any]:
        return run_monitor(workspace, measure, progress, _tell)

    return _done(look)


@flow
def nightly(market: str, who: str = "schedule") -> Any:
    """Do what is due of a market's last closed session, once; skipped where nothing is due."""

    def work(workspace: Workspace, progress: LoggedProgress) -> dict[str, Any]:
        return run_nightly(workspace, who, measure, progress, market=market, announce=_tell)

    return _done(work)


@flow
def replay(
    tickers: str = "",
    start: date | None = None,
    end: date | None = None,
    missing: bool = False,
    who: str = "schedule",
) -> Any:
    """Write down what the champion's recipe would have forecast in the past, as replayed."""

    def work(workspace: Workspace, progress: LoggedProgress) -> dict[str, Any]:
        first, last = (None if one is None else pd.Timestamp(one) for one in (start, end))
        return run_replay(
            workspace, who, WantedReplay(_parsed(tickers), first, last, missing), progress
        )

    return _done(work)


@flow
def publish() -> Any:
    """Bring MLflow up to date with the models kept here."""
    return _done(lambda workspace, progress: run_publish(workspace, datetime.now(UTC), progress))


def _beginning(actor: str) -> Beginning:
    """What started this run: a request has its key, else the schedule or an event did."""
    origin = RequestOrigin.DRIFT if actor == _MONITOR else RequestOrigin.SCHEDULE
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return Beginning(origin)
    run = context.flow_run
    due = run.expected_start_time or run.created
    return Beginning(origin, str(run.id), run.idempotency_key or "", due)


def _parsed(tickers: str) -> list[Ticker] | None:
    return find_all(tickers) or None


def _tell(reason: Message) -> None:
    resource = {"prefect.resource.id": "tickerlens.forecaster"}
    emit_event(DRIFT_EVENT, resource=resource, payload={"reason": str(reason)})


FLOWS = (ingest, backfill, train, forecast, score, monitor, replay, publish)


def deployments(before: set[str] | None) -> list[OfferedDeployment]:
    """Every flow with its schedules, which are off until a person switches them on.

    The nightly work has a deployment for each market. `before` names the schedules and triggers
    that were made already.
    """
    offers = [*((name, nightly) for name in _NIGHTLY), *((one.name, one) for one in FLOWS)]
    return [
        OfferedDeployment.from_flow(
            of,
            name,
            parameters=_NIGHTLY.get(name),
            schedules=_schedules(name),
            triggers=_triggers(name),
            concurrency_limit=1,
            tags=[TAG],
            entrypoint_type=EntrypointType.MODULE_PATH,
        ).with_offered(before)
        for name, of in offers
    ]


def _schedules(name: str) -> list[Cron]:
    """A schedule of ingest is named by its market."""
    due = {slug: when for (of, slug), when in FORMER.items() if of == name}
    if name == "train":
        due = {"weekly": ("0 6 * * 6", _NEW_YORK)}
    if name in _NIGHTLY:
        evening = EVENINGS[_NIGHTLY[name]["market"]]
        due = {EVENING: (evening.cron, evening.zone)}
    given = {slug: {"market": slug} if name == "ingest" else _NIGHTLY.get(name) for slug in due}
    return [
        Cron(cron, timezone=zone, active=False, parameters=given[slug], slug=slug)
        for slug, (cron, zone) in due.items()
    ]


def _triggers(name: str) -> list[DeploymentEventTrigger]:
    if name != "train":
        return []
    return [
        DeploymentEventTrigger(
            name="confirmed drift starts a training",
            expect={DRIFT_EVENT},
            parameters={"reason": "{{ event.payload.reason }}", "who": _MONITOR},
        )
    ]
