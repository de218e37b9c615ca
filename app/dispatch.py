"""Hands what was asked for to the scheduler, and notes how it ended."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from app.runs import Runs
from app.stores import Stores
from core.errors import NotFoundError, OfflineError, TickerLensError
from core.overrides import learn
from core.storage.lives import Lives
from core.storage.outbox import Outbox, Request

_log = logging.getLogger(__name__)
_EVERY_SECONDS = 1.0
_PENDING_SECONDS = 180  # to start a process takes seconds, on a busy machine many
LOST = "LOST"


def dispatch(outbox: Outbox, runs: Runs) -> None:
    """Submit every request that the scheduler has not taken yet, and settle those that ended."""
    for request in outbox.open():
        try:
            _one(outbox, runs, request)
        except OfflineError:
            return  # the next round tries again; the key keeps it one run


def _one(outbox: Outbox, runs: Runs, request: Request) -> None:
    if request.run_id is None:
        try:
            run_id = runs.submit(request.flow, request.parameters, request.key)
        except NotFoundError:
            return  # the scheduler is up, the flows are not served yet
        outbox.sent(request.id, run_id)
        return
    try:
        run = runs.get(request.run_id)
    except NotFoundError:
        outbox.ended(request.id, LOST, datetime.now(UTC))
        return
    if run.ended:
        outbox.ended(request.id, run.state, datetime.now(UTC))


def bury(lives: Lives, runs: Runs) -> None:
    """End the runs whose process is gone, which Prefect would call running for ever."""
    for run in runs.active():
        waited = (datetime.now(UTC) - run.since).total_seconds()
        never_began = run.state == "PENDING" and waited > _PENDING_SECONDS
        if never_began or lives.ended_early(run.id):
            runs.give_up(run, "The process that worked on it ended before the work did.")


class Dispatcher:
    """Calls `dispatch` every second in a thread, until stopped."""

    def __init__(self, stores: Callable[[], Stores]) -> None:
        self._stores = stores
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stop.set()
        self._thread.join(5)

    def _loop(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                learn(self._stores().session_overrides.in_force())  # a flow may have found some
                bury(self._stores().lives, self._stores().runs)
                dispatch(self._stores().outbox, self._stores().runs)
            except OfflineError:
                continue  # it is starting, or away
            except TickerLensError as error:  # the records cannot be read just now
                _log.warning("requests wait: %s", error.message)
