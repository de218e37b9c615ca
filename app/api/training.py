"""Ask for a training, and look how what was asked for stands."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi import Request as HttpRequest
from fastapi import Response

from app.api.bearer import BEARER, ActingRoute, acting
from app.api.parameters import MAX_NUMBER, known_parameters, whole_number
from app.api.schemas.run_body import RunAnswer, TrainAnswer, TrainRequest
from app.state.live_run import WAITING, LiveState, live_state
from app.state.stores import stores
from core.foundation.outbox import Request
from core.workflows.training.request_training import WantedTraining, request_training

_LOCATION = {"description": "where its state is", "schema": {"type": "string"}}

router = APIRouter(dependencies=[Depends(known_parameters)])
acts = APIRouter(route_class=ActingRoute, dependencies=[Depends(known_parameters), BEARER])


@acts.post("/train", status_code=202, responses={202: {"headers": {"Location": _LOCATION}}})
def train(request: HttpRequest, response: Response, wanted: TrainRequest) -> TrainAnswer:
    """Ask for a training; the scheduler takes it from there. One at a time: while one is open,
    that one is what everybody gets."""
    training = WantedTraining(
        acting(request).name, wanted.reason, wanted.scope, wanted.model, wanted.gate
    )
    found, new = request_training(stores(), training, datetime.now(UTC))
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/runs/{found.id}"
    return TrainAnswer(**_values(found, LiveState(WAITING)), new=new)


@router.get("/runs/{id}")
def run(
    number: Annotated[
        whole_number(1, MAX_NUMBER),
        Path(alias="id", description="the request's number", examples=[1]),
    ],
) -> RunAnswer:
    """How something that was asked for stands; the scheduler has two seconds to say."""
    found = stores().outbox.get(number)
    return RunAnswer(**_values(found, live_state(found, stores().runs)))


def _values(request: Request, now: LiveState) -> dict[str, Any]:
    run, parameters = now.run, request.parameters
    return {
        "id": request.id,
        "flow": request.flow,
        "state": now.state,
        "note": str(now.note) if now.note else (run.message if run else "") or None,
        "actor": request.actor,
        **{name: parameters.get(name) for name in ("reason", "scope", "model")},
        "asked_at": request.asked_at,
        "run_id": request.run_id or (None if run is None else run.id),
        "started_at": None if run is None else run.started,
        "seconds": None if run is None else run.seconds,
        "ended_at": request.ended_at,
        "version": _trained_version(request.run_id),
    }


def _trained_version(run_id: str | None) -> int | None:
    """The version that a run trained; the one of all tickers, if it renewed specialists too."""
    if run_id is None:
        return None
    own = [one for one in stores().registry.versions() if one.card.run == run_id]
    of_all = [one for one in own if not one.card.only_ticker]
    return next((one.version for one in reversed(of_all or own)), None)
