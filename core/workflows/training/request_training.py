"""Ask for a training: what every page, route, schedule and event calls."""

from dataclasses import dataclass
from datetime import datetime

from core.foundation.audit import Action, validate_reason
from core.foundation.errors import NotEnoughHistoryError
from core.foundation.outbox import Request, RequestOrigin
from core.lifecycle.train import DEFAULT
from core.models.har import Har
from core.reference.scope import ALL, in_scope, parse_scope
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.training.recorded import TRAIN, settle


@dataclass(frozen=True)
class WantedTraining:
    """A training that somebody asks for.

    Parameters
    ----------
    actor, reason : who asks and why; both go on record.
    scope : "all", a market or one ticker.
    model : the forecaster's name.
    gate : let the result serve at once if the gate says so; else it challenges.
    origin : from where it is asked for.
    key : what the actor calls this request: asking again with it, for days, is the same request.
    evaluate_all : measure skill on every ticker, as of `core.lifecycle.train.TrainingRequest`.
    """

    actor: str
    reason: str
    scope: str = ALL
    model: str = DEFAULT
    gate: bool = False
    origin: RequestOrigin = RequestOrigin.PAGE
    key: str = ""
    evaluate_all: bool = False


def request_training(
    workspace: Workspace, wanted: WantedTraining, at: datetime
) -> tuple[Request, bool]:
    """Put a training on record; the scheduler takes it from there.

    Returns
    -------
    The request, and whether it is new: where one of the scope is open already, or the key was
    used for it before, that one, and False.

    Raises
    ------
    InvalidInputError : no reason is given, the scope is not understood, or the key was used for
        another training.
    NotFoundError : no bars are stored for the scope.
    NotEnoughHistoryError : its only ticker is too young.
    """
    tickers = workspace.bars.tickers()
    _require_history(workspace, in_scope(wanted.scope, tickers))
    reason = validate_reason(wanted.reason)
    parameters = {
        "scope": parse_scope(wanted.scope, tickers),
        "model": wanted.model,
        "reason": reason,
        "who": wanted.actor,
        "gate": wanted.gate,
        **({"evaluate_all": True} if wanted.evaluate_all else {}),
    }
    settle(workspace, at)
    request, new = workspace.outbox.ask(
        TRAIN, parameters, wanted.actor, at, wanted.origin, wanted.key
    )
    if new:
        subject = f"request {request.id}"
        workspace.audit.add(Action(at, wanted.actor, "ask for train", subject, reason))
    return request, new


def _require_history(workspace: Workspace, tickers: list[Ticker]) -> None:
    """Refuse at once what could only fail: a specialist of a ticker that is too young."""
    if len(tickers) > 1:
        return
    sessions = len(workspace.bars.load(tickers))
    if sessions < Har.min_fit_observations:
        raise NotEnoughHistoryError(
            "ticker.too-young",
            "{ticker} needs at least {least} sessions, has {sessions}.",
            {"ticker": tickers[0], "least": Har.min_fit_observations, "sessions": sessions},
            parameter="scope",
        )
