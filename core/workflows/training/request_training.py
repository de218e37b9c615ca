"""Ask for a training: what every page, route, schedule and event calls."""

from dataclasses import dataclass
from datetime import datetime

from core.foundation.audit import Action, validate_reason
from core.foundation.outbox import Request
from core.lifecycle.train import DEFAULT
from core.reference.scope import ALL, in_scope, parse_scope
from core.wiring import Workspace

TRAIN = "train"


@dataclass(frozen=True)
class WantedTraining:
    """A training that somebody asks for.

    Parameters
    ----------
    actor, reason : who asks and why; both go on record.
    scope : "all", a market or one ticker.
    model : the forecaster's name.
    gate : let the result serve at once if the gate says so; else it challenges.
    """

    actor: str
    reason: str
    scope: str = ALL
    model: str = DEFAULT
    gate: bool = False


def request_training(
    workspace: Workspace, wanted: WantedTraining, at: datetime
) -> tuple[Request, bool]:
    """Put a training on record; the scheduler takes it from there.

    Returns
    -------
    The request, and whether it is new: where one is open already, that one, and False.

    Raises
    ------
    InvalidInputError : no reason is given, or the scope is not understood.
    NotFoundError : no bars are stored for the scope.
    """
    tickers = workspace.bars.tickers()
    in_scope(wanted.scope, tickers)
    reason = validate_reason(wanted.reason)
    parameters = {
        "scope": parse_scope(wanted.scope, tickers),
        "model": wanted.model,
        "reason": reason,
        "who": wanted.actor,
        "gate": wanted.gate,
    }
    request, new = workspace.outbox.ask(TRAIN, parameters, wanted.actor, at)
    if new:
        subject = f"request {request.id}"
        workspace.audit.add(Action(at, wanted.actor, "ask for train", subject, reason))
    return request, new
