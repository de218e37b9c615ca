"""Every training on record, whoever asked for it, and how each is in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.foundation.messages import Message
from core.foundation.outbox import Request
from core.registry.registry import ModelVersion
from core.wiring import Workspace
from core.workflows.training.recorded import TRAIN, crashed

PAGE_ROWS = 20
_HANDED_OVER = timedelta(seconds=5)  # by then a scheduler that is up has taken it


class TrainingState(StrEnum):
    """How a training is."""

    QUEUED = "queued"
    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CRASHED = "crashed"
    CANCELLED = "cancelled"
    LOST = "lost"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Training:
    """One training.

    Parameters
    ----------
    request : who asked when, why and from where.
    state : how it is, by what is on record here alone.
    sentence : the same for a person.
    version : what it stored; of all tickers, if it renewed specialists too. None if nothing.
    """

    request: Request
    state: TrainingState
    sentence: Message
    version: int | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.request.ended_at is not None or self.state == TrainingState.CRASHED


def trainings(
    workspace: Workspace, at: datetime, limit: int = PAGE_ROWS, before: int | None = None
) -> list[Training]:
    """The newest trainings, newest first.

    Parameters
    ----------
    at : now, aware.
    before : the number of a request; only older ones are listed, as on the next page.
    """
    return _described(workspace, workspace.outbox.latest(TRAIN, limit, before), at)


def open_trainings(workspace: Workspace, at: datetime) -> list[Training]:
    """Those that have not ended, oldest first; one of each scope at most."""
    return _described(workspace, workspace.outbox.open(TRAIN), at)


def training(workspace: Workspace, number: int, at: datetime) -> Training:
    """One training; raises a `NotFoundError` if there is no such request."""
    return _described(workspace, [workspace.outbox.get(number)], at)[0]


def unrecorded_versions(workspace: Workspace) -> list[ModelVersion]:
    """Versions that no training on record tells of, as commands of earlier programs left them."""
    recorded = workspace.outbox.runs(TRAIN)
    return [one for one in workspace.registry.versions() if one.card.run not in recorded]


def versions_by_run(models: list[ModelVersion]) -> dict[str, ModelVersion]:
    """What each run stored: the version of all tickers, if it renewed specialists too."""
    found: dict[str, ModelVersion] = {}
    for model in models:
        known = found.get(model.card.run)
        if model.card.run and (
            known is None or known.card.only_ticker or not model.card.only_ticker
        ):
            found[model.card.run] = model
    return found


def _described(workspace: Workspace, requests: list[Request], at: datetime) -> list[Training]:
    versions = versions_by_run(workspace.registry.versions()) if requests else {}
    gone = {one.id for one in crashed(workspace)}
    found = []
    for request in requests:
        model = versions.get(request.run)
        version = None if model is None else model.version
        state = _state(request, at, request.id in gone)
        found.append(Training(request, state, _sentence(request, state, version), version))
    return found


def _state(request: Request, at: datetime, gone: bool) -> TrainingState:
    if request.ended_at is not None:
        return TrainingState(str(request.outcome).lower())
    if gone:
        return TrainingState.CANCELLED if request.stopping else TrainingState.CRASHED
    if request.stopping:
        return TrainingState.CANCELLING
    if request.started_at is not None:
        return TrainingState.RUNNING
    if request.run_id is not None:
        return TrainingState.STARTING
    late = at - request.asked_at > _HANDED_OVER
    return TrainingState.WAITING if late else TrainingState.QUEUED


def _sentence(request: Request, state: TrainingState, version: int | None) -> Message:
    stored = {"version": version}
    if state == TrainingState.RUNNING:
        since = {"since": f"{request.started_at:%Y-%m-%d %H:%M}"}
        return Message("training.state-running", "Running since {since} UTC.", since)
    if state == TrainingState.SKIPPED:
        other = {"number": request.skipped_for}
        return Message(
            "training.state-skipped",
            "Skipped because of training {number}, which is of the same scope.",
            other,
        )
    if state == TrainingState.COMPLETED and version is not None:
        return Message(
            "training.state-completed-with", "Completed: version {version} is stored.", stored
        )
    if state == TrainingState.FAILED and request.sentence is not None:
        reason = {"reason": request.sentence}
        return Message("training.state-failed-because", "Failed: {reason}", reason)
    if request.ended_at is not None and version is not None:
        too_late = {**stored, "state": _plain(state)}
        return Message(
            "training.state-too-late",
            "{state} It was too late: version {version} is stored.",
            too_late,
        )
    return _plain(state)


def _plain(state: TrainingState) -> Message:
    return {
        TrainingState.QUEUED: Message(
            "training.state-queued", "Queued: handed to the scheduler in a moment."
        ),
        TrainingState.WAITING: Message(
            "training.state-waiting", "Queued: it waits for the scheduler."
        ),
        TrainingState.STARTING: Message(
            "training.state-starting",
            "Starting: the scheduler has it, and begins as soon as it has a place for it.",
        ),
        TrainingState.CANCELLING: Message(
            "training.state-cancelling", "Cancelling: it ends within seconds."
        ),
        TrainingState.COMPLETED: Message("training.state-completed", "Completed."),
        TrainingState.FAILED: Message("training.state-failed", "Failed."),
        TrainingState.CRASHED: Message(
            "training.state-crashed", "Crashed: its process ended before the work did."
        ),
        TrainingState.CANCELLED: Message("training.state-cancelled", "Cancelled."),
        TrainingState.LOST: Message(
            "training.state-lost", "Lost: the scheduler does not know it any more."
        ),
    }[state]
