"""How something that was asked for stands now, never waited for longer than two seconds."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass

from app.state.prefect_client import PATIENCE_SECONDS, Run, Runs
from core.foundation.errors import NotFoundError, OfflineError
from core.foundation.messages import Message
from core.foundation.outbox import Request, RunState

WAITING = "WAITING"  # for the scheduler to take it
UNKNOWN = "UNKNOWN"  # to whoever asks now: the scheduler does not say
_AT_ONCE = 8
_pool = ThreadPoolExecutor(_AT_ONCE, "live-run")


@dataclass(frozen=True)
class LiveState:
    """The state of a request: one of `core.foundation.outbox.RunState`, `WAITING` or `UNKNOWN`.

    `note` says why it waits or is unknown; `run` is what the scheduler says of it, if it does.
    """

    state: str
    note: Message | None = None
    run: Run | None = None


def live_state(request: Request, runs: Runs) -> LiveState:
    """The state of a request; the scheduler is asked where it has not ended."""
    if request.ended_at is not None:
        return LiveState(str(request.outcome))
    if request.run_id is None and request.started_at is not None:  # no flow does it
        return LiveState(RunState.CANCELLING if request.stopping else RunState.RUNNING)
    try:
        run = _pool.submit(_look, request, runs).result(PATIENCE_SECONDS)
    except TooLate:
        sentence = Message(
            "scheduler.late",
            "The scheduler (Prefect) has not answered within {seconds:g} seconds.",
            {"seconds": PATIENCE_SECONDS},
        )
        return LiveState(UNKNOWN if request.run_id else WAITING, sentence)
    except (OfflineError, NotFoundError) as error:
        return LiveState(UNKNOWN if request.run_id else WAITING, error.sentence)
    return LiveState(WAITING) if run is None else LiveState(run.state, run=run)


def _look(request: Request, runs: Runs) -> Run | None:
    """The run of a request; None where the scheduler is there and has not taken it yet."""
    if request.run_id is not None:
        return runs.get(request.run_id)
    return next(iter(runs.made_of(request.key)), None)
