"""A training on record from its beginning to its end, whoever asked and wherever it runs.

Of one scope, one request is open at a time and one process trains; scopes that overlap, as all
tickers and one of them, may be trained side by side, since moving an alias compares what it moves.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from core.foundation.clock import Clock
from core.foundation.errors import BusyError, StorageError, TickerLensError
from core.foundation.messages import Message
from core.foundation.outbox import Request, RequestOrigin, RunState, StoppedError, WantedWork
from core.foundation.progress import Progress
from core.foundation.sql.database import Guard, all_of
from core.foundation.sql.leases import TTL_SECONDS, HeldLease, LeaseLostError
from core.lifecycle.train import TrainingRequest
from core.reference.scope import parse_scope
from core.registry.registry import ModelRegistry
from core.wiring import Workspace

TRAIN = "train"
_DRIFT_FRESH = timedelta(minutes=5)  # so recent a training has learned what drift would teach it
_TAKEN_SECONDS = TTL_SECONDS + 10  # by then a lease has run out that nobody renews
_LOOK_SECONDS = 1.0


class SkippedError(BusyError):
    """Another training of the scope is open, or has just ended."""


@dataclass(frozen=True)
class Beginning:
    """How a training comes to begin.

    Parameters
    ----------
    origin : what asked, where no request of it is on record yet.
    run_id, key : the flow run that does it and that run's idempotency key; empty outside a flow.
    due : when the flow run was to begin; None outside a flow.
    """

    origin: RequestOrigin = RequestOrigin.COMMAND
    run_id: str = ""
    key: str = ""
    due: datetime | None = None


@dataclass(frozen=True)
class RecordedTraining:
    """What a training on record works with; the registry stores nothing once it was stopped."""

    order: TrainingRequest
    registry: ModelRegistry
    progress: Progress


@contextmanager
def recorded(
    workspace: Workspace,
    order: TrainingRequest,
    beginning: Beginning,
    progress: Progress,
    clock: Clock,
) -> Iterator[RecordedTraining]:
    """Train in the block: one process for each scope, with its beginning and end on record.

    Raises
    ------
    SkippedError : another training of the scope is open, or was finished since this was due.
    StoppedError : it was cancelled; from the progress or the registry, at any moment.
    LeaseLostError : it may have been given up; from the same.
    """
    outbox, run_id = workspace.outbox, beginning.run_id or None
    settle(workspace, clock())
    known = outbox.of_run(run_id, beginning.key) if run_id else None
    key, work = known.key if known else str(uuid.uuid4()), _work(workspace, order, beginning)
    with ExitStack() as stack:
        try:
            holding = _acquire(stack, workspace, work, key)
        except SkippedError as error:
            outbox.skip(work, clock(), key, run_id, int(str(error.parameter)))
            raise
        due = None
        if beginning.due is not None:
            drift = beginning.origin == RequestOrigin.DRIFT
            due = (beginning.due, _DRIFT_FRESH if drift else timedelta(0))
        request = outbox.begin(work, clock(), key, run_id, due)
        if request.skipped_for is not None:
            raise _skipped(outbox.get(request.skipped_for))
        with _ending(workspace, request, clock):
            checked = _Checked(workspace, request, holding, progress)
            checked.require_wanted()
            own = replace(order, run=request.run)
            guard = _guard(workspace, request, holding)
            yield RecordedTraining(own, workspace.guarded_registry(guard), checked)


def settle(workspace: Workspace, at: datetime) -> None:
    """Note the end of every training whose process is gone."""
    for request in crashed(workspace):
        note_crash(workspace, request, at)


def crashed(workspace: Workspace) -> list[Request]:
    """Open trainings that began and whose process gave no sign of life for a lease's time."""
    begun = [one for one in workspace.outbox.open(TRAIN) if one.started_at is not None]
    if not begun:
        return []
    alive = {(one.name, one.holder) for one in workspace.leases.in_force()}
    return [one for one in begun if (lease_name(one.scope), one.key) not in alive]


def note_crash(workspace: Workspace, request: Request, at: datetime) -> None:
    """End a training whose process is gone: cancelled if it was to stop, else crashed."""
    outcome = RunState.CANCELLED if request.stopping else RunState.CRASHED
    workspace.outbox.ended(request.id, outcome, at)


def lease_name(scope: str) -> str:
    """What the process that trains a scope has a lease on."""
    return f"{TRAIN}:{scope}"


class _Checked:
    """A progress that ends the work once somebody asked it to stop or its lease is lost."""

    def __init__(
        self, workspace: Workspace, request: Request, holding: HeldLease, progress: Progress
    ) -> None:
        self._outbox, self._request = workspace.outbox, request
        self._holding, self._progress = holding, progress
        self._looked = time.monotonic()

    def __call__(self, step: str, done: int, total: int, part: str = "") -> None:
        self._holding.check()
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            with suppress(StorageError):  # the records are away; it is asked again before a write
                self.require_wanted()
            self._looked = time.monotonic()
        self._progress(step, done, total, part)

    def require_wanted(self) -> None:
        """Raise a `StoppedError` once it was asked to stop or given up."""
        self._outbox.require_wanted(self._request.id)


def _guard(workspace: Workspace, request: Request, holding: HeldLease) -> Guard:
    return all_of(
        partial(workspace.outbox.verify, number=request.id),
        partial(workspace.leases.verify, lease=holding.lease),
    )


def _work(workspace: Workspace, order: TrainingRequest, beginning: Beginning) -> WantedWork:
    scope = order.scope
    with suppress(TickerLensError):  # the training says what is wrong with it
        scope = parse_scope(scope, workspace.bars.tickers())
    parameters = {
        "scope": scope,
        "model": order.name,
        "reason": order.reason,
        "who": order.actor,
        "gate": order.gate,
        **({"evaluate_all": True} if order.evaluate_all else {}),
    }
    return WantedWork(TRAIN, parameters, order.actor, beginning.origin)


def _acquire(stack: ExitStack, workspace: Workspace, work: WantedWork, key: str) -> HeldLease:
    """The lease of a scope; waits for that of a process that is gone to run out.

    Raises
    ------
    SkippedError : another training of the scope is under way; its `parameter` is the request.
    """
    deadline = time.monotonic() + _TAKEN_SECONDS
    while True:
        try:
            return stack.enter_context(workspace.leases.hold(lease_name(work.scope), key))
        except BusyError as busy:
            for one in workspace.outbox.open(TRAIN):
                if one.scope == work.scope and one.key == busy.parameter != key:
                    raise _skipped(one) from busy
            if time.monotonic() > deadline:
                raise
        time.sleep(_LOOK_SECONDS / 4)


def _skipped(other: Request) -> SkippedError:
    since = other.started_at or other.asked_at
    parameters = {
        "scope": other.scope,
        "number": other.id,
        "actor": other.actor,
        "since": f"{other.ended_at or since:%Y-%m-%d %H:%M}",
    }
    if other.ended_at is not None:
        sentence = Message(
            "training.just-finished",
            "Training {number} of the same scope ({scope}), asked for by {actor}, was finished "
            "{since} UTC; it has learned what this one would.",
            parameters,
        )
    elif other.started_at is None:
        sentence = Message(
            "training.waits-already",
            "Training {number} of the same scope ({scope}) waits since {since} UTC, asked for by "
            "{actor}.",
            parameters,
        )
    else:
        sentence = Message(
            "training.under-way",
            "Training {number} of the same scope ({scope}) is under way since {since} UTC, asked "
            "for by {actor}.",
            parameters,
        )
    return SkippedError.of(sentence, str(other.id))


@contextmanager
def _ending(workspace: Workspace, request: Request, clock: Clock) -> Iterator[None]:
    """Note how the block ends."""

    def note(outcome: RunState, sentence: Message | None = None) -> None:
        with suppress(StorageError):  # its lease runs out, and then it is settled
            workspace.outbox.ended(request.id, outcome, clock(), sentence)

    try:
        yield
    except StoppedError:
        note(RunState.CANCELLED)
        raise
    except LeaseLostError as error:
        note(RunState.CRASHED, error.sentence)
        raise
    except TickerLensError as error:
        note(RunState.FAILED, error.sentence)
        raise
    except KeyboardInterrupt:
        note(RunState.CANCELLED)
        raise
    except Exception:
        note(RunState.FAILED, Message("training.unforeseen", "Something unforeseen happened."))
        raise
    except BaseException:  # its process is told to end
        with suppress(StorageError):
            note_crash(workspace, workspace.outbox.get(request.id), clock())
        raise
    workspace.outbox.ended(request.id, RunState.COMPLETED, clock())
