"""Ask for a training, and look how what was asked for stands."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path
from fastapi import Request as HttpRequest
from fastapi import Response

from app.api.bearer import BEARER, ActingRoute, acting
from app.api.parameters import MAX_NUMBER, known_parameters, whole_number
from app.api.schemas.run_body import RunAnswer, TrainRequest
from app.state.live_run import WAITING, LiveState, live_state
from app.state.stores import stores
from core.foundation.outbox import MAX_KEY_CHARACTERS, Request, RequestOrigin
from core.workflows.training.request_training import WantedTraining, request_training
from core.workflows.training.trainings import training, versions_by_run

_LOCATION = {"description": "where its state is", "schema": {"type": "string"}}

router = APIRouter(dependencies=[Depends(known_parameters)])
acts = APIRouter(route_class=ActingRoute, dependencies=[Depends(known_parameters), BEARER])


@acts.post("/train", status_code=202, responses={202: {"headers": {"Location": _LOCATION}}})
def train(
    request: HttpRequest,
    response: Response,
    wanted: TrainRequest,
    idempotency_key: Annotated[
        str,
        Header(
            description="what you call this request: the same key gives the same one for a week, "
            "also after its end",
            max_length=MAX_KEY_CHARACTERS,
            pattern="^[!-~]+$",
        ),
    ] = "",
) -> RunAnswer:
    """Ask for a training; the scheduler takes it from there.

    One of a scope at a time: while one is open, that one is what everybody gets. Its state is at
    the address in the header Location.
    """
    named = WantedTraining(
        actor=acting(request).name,
        **wanted.model_dump(),
        origin=RequestOrigin.API,
        key=idempotency_key,
    )
    found, _ = request_training(stores(), named, datetime.now(UTC))
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/runs/{found.id}"
    return RunAnswer(**_values(found, LiveState(_at_rest(found))))


@router.get("/runs/{id}")
def run(
    number: Annotated[
        whole_number(1, MAX_NUMBER),
        Path(alias="id", description="the request's number", examples=[1]),
    ],
) -> RunAnswer:
    """How something that was asked for stands; the scheduler has two seconds to say."""
    found = stores().outbox.get(number)
    known = training(stores(), number, datetime.now(UTC))
    if known.ended:  # or its process is gone, which the scheduler may not know yet
        return RunAnswer(**_values(found, LiveState(known.state.upper(), known.sentence)))
    return RunAnswer(**_values(found, live_state(found, stores().runs)))


def _at_rest(request: Request) -> str:
    """The state by what is on record alone."""
    known = training(stores(), request.id, datetime.now(UTC))
    return known.state.upper() if known.ended or request.started_at else WAITING


def _values(request: Request, now: LiveState) -> dict[str, Any]:
    run, parameters = now.run, request.parameters
    trained = versions_by_run(stores().registry.versions()).get(request.run)
    return {
        "id": request.id,
        "flow": request.flow,
        "state": now.state,
        "note": str(now.note) if now.note else (run.message if run else "") or None,
        "actor": request.actor,
        **{name: parameters.get(name) for name in ("reason", "scope", "model")},
        "asked_at": request.asked_at,
        "run_id": request.run_id or (None if run is None else run.id),
        "started_at": request.started_at or (None if run is None else run.started),
        "seconds": None if run is None else run.seconds,
        "ended_at": request.ended_at,
        "version": None if trained is None else trained.version,
    }
