"""The flows as Prefect sees them: each calls what the command of the same name calls."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.deployments.runner import EntrypointType, RunnerDeployment
from prefect.events import DeploymentEventTrigger, emit_event
from prefect.runtime import flow_run
from prefect.schedules import Cron
from prefect.states import Completed, Failed

from core import wiring
from core.errors import TickerLensError
from core.instruments import find_all
from core.services.scope import ALL
from core.services.train import DEFAULT, Order
from core.settings import Settings, load_settings
from core.tickers import Ticker
from flows import data, work

AT_ONCE = 2
DRIFT_EVENT = "tickerlens.drift.confirmed"
_NEW_YORK, _TAIPEI = "America/New_York", "Asia/Taipei"
# Each market's data half an hour after its close, what trades elsewhere or around the clock once
# a day; the rest follows in the night of New York. A schedule of ingest is named by its market.
_SCHEDULES: dict[str, dict[str, tuple[str, str]]] = {
    "ingest": {
        "us": ("30 16 * * 1-5", _NEW_YORK),
        "tw": ("0 14 * * 1-5", _TAIPEI),
        "other": ("0 1 * * *", "UTC"),
    },
    "backfill": {},
    "score": {"daily": ("0 18 * * 1-5", _NEW_YORK)},
    "monitor": {"daily": ("15 18 * * 1-5", _NEW_YORK)},
    "forecast": {"daily": ("30 18 * * 1-5", _NEW_YORK)},
    "train": {"weekly": ("0 6 * * 6", _NEW_YORK)},
    "publish": {},
}


class Told:
    """A `Progress` that writes a line to the run's log when a step begins, and each tenth of it."""

    def __init__(self) -> None:
        self._log = get_run_logger()
        self._last = ("", -1)

    def __call__(self, step: str, done: int, total: int) -> None:
        now = (step, 10 * done // max(total, 1))
        if now != self._last:
            self._last = now
            self._log.info("%s: %s of %s", step, done, total) if total > 1 else self._log.info(step)


def _done(work_of: Callable[[Settings, Told], dict[str, Any]]) -> State[Any]:
    """Run one piece of work; what is wrong with it ends the run in one sentence, not a trace."""
    settings = load_settings()
    try:
        wiring.learn_sessions(settings)
        with wiring.open_lives(settings).alive(str(flow_run.get_id())):
            answer = work_of(settings, Told())
    except TickerLensError as error:
        get_run_logger().error(error.message)
        return Failed(message=error.message)
    return Completed(message=work.summary(answer))


@flow
def ingest(tickers: str = "", source: str = "", market: str = "", who: str = "schedule") -> Any:
    """Fetch what is missing; all tracked tickers, or those of a market, unless some are named."""

    def fetch(settings: Settings, told: Told) -> dict[str, Any]:
        wanted = data.Wanted(_parsed(tickers), source, market=market)
        return data.ingest(settings, told, who, wanted)

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

    def fill(settings: Settings, told: Told) -> dict[str, Any]:
        last = None if end is None else pd.Timestamp(end)
        wanted = data.Wanted(_parsed(tickers), source, None, pd.Timestamp(start), last)
        return data.backfill(settings, told, who, wanted, again)

    return _done(fill)


@flow
def train(
    scope: str = ALL,
    model: str = DEFAULT,
    reason: str = "scheduled",
    who: str = "schedule",
    gate: bool = True,
) -> Any:
    """Train on the stored bars; unless told otherwise, the gate decides whether it serves."""
    order = Order(who, reason, scope, model, str(flow_run.get_id() or ""), gate)
    return _done(lambda settings, told: work.train(settings, order, told))


@flow
def forecast() -> Any:
    """Forecast every ticker with the champion and write it into the ledger."""
    return _done(work.forecast)


@flow
def score() -> Any:
    """Score forecasts whose target sessions have closed."""
    return _done(work.score)


@flow
def monitor() -> Any:
    """Compare the champion's past with the latest window; confirmed drift starts a training."""

    def look(settings: Settings, told: Told) -> dict[str, Any]:
        return work.monitor(settings, told, _tell)

    return _done(look)


@flow
def publish() -> Any:
    """Bring MLflow up to date with the models kept here."""
    return _done(work.publish)


def _parsed(tickers: str) -> list[Ticker] | None:
    return find_all(tickers) or None


def _tell(reason: str) -> None:
    resource = {"prefect.resource.id": "tickerlens.forecaster"}
    emit_event(DRIFT_EVENT, resource=resource, payload={"reason": reason})


FLOWS = (ingest, backfill, train, forecast, score, monitor, publish)


def deployments(switched: Mapping[tuple[str, str], bool]) -> list[RunnerDeployment]:
    """Every flow with its schedules: off, unless switched on before.

    `switched` says by (flow, schedule) what Prefect knows already.
    """
    found = []
    for one in FLOWS:
        schedules = [
            Cron(
                cron,
                timezone=zone,
                active=switched.get((one.name, slug), False),
                parameters={"market": slug} if one.name == "ingest" else None,
                slug=slug,
            )
            for slug, (cron, zone) in _SCHEDULES[one.name].items()
        ]
        found.append(
            one.to_deployment(
                one.name,
                schedules=schedules,
                triggers=_triggers(one.name),
                concurrency_limit=1,
                entrypoint_type=EntrypointType.MODULE_PATH,
            )
        )
    return found


def _triggers(name: str) -> list[DeploymentEventTrigger]:
    if name != "train":
        return []
    return [
        DeploymentEventTrigger(
            name="confirmed drift starts a training",
            expect={DRIFT_EVENT},
            parameters={"reason": "{{ event.payload.reason }}", "who": "monitor"},
        )
    ]
