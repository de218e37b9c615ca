"""Hands what was asked for to the scheduler, and notes how it ended."""

import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from app.state.prefect_client import Runs
from app.state.reaper import GONE, Reaper
from app.state.schedules import follow, is_pending
from app.state.stores import Stores
from core.foundation.errors import NotFoundError, OfflineError, TickerLensError
from core.foundation.outbox import Outbox, Request, RunState
from core.lifecycle import wanted_training
from core.workflows.training import recorded

_log = logging.getLogger(__name__)
_EVERY_SECONDS = 1.0
_LOOK_SECONDS = 30.0
_HANDING_OVER_SECONDS = 60  # an answer that was not waited for is there by then
_REMEMBERED = timedelta(days=1)
_GONE_SECONDS = 10.0  # a machine that wakes up finds every lease run out, and its holder too


def dispatch(outbox: Outbox, runs: Runs) -> None:
    """Submit every request that the scheduler has not taken yet, and settle those that ended."""
    for request in outbox.open():
        if request.run_id is None and request.started_at is not None:
            continue  # a process does it without the scheduler
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
        outbox.ended(
            request.id, RunState.CANCELLED if request.stopping else RunState.LOST, datetime.now(UTC)
        )
        return
    if run.ended:
        # That is how stopping it ended.
        stopped = request.stopping and run.state == RunState.CRASHED
        outbox.ended(request.id, RunState.CANCELLED if stopped else run.state, datetime.now(UTC))
    elif request.stopping and run.state != RunState.CANCELLING:
        runs.cancel(run.id)


def recall(request: Request, runs: Runs) -> bool:
    """Stop the run of a request that was taken back while it was being handed over, if any.

    False if it is too early to say that there is none.
    """
    assert request.ended_at is not None
    for run in runs.made_of(request.key):
        if not run.ended:
            runs.cancel(run.id)
    return (datetime.now(UTC) - request.ended_at).total_seconds() > _HANDING_OVER_SECONDS


def want(here: Stores) -> None:
    """Ask for the training that is wanted, and take back one that is wanted no longer."""
    now = datetime.now(UTC)
    wanted_training.take_back(here.outbox, here.registry, here.bars, now)
    wanted_training.ask_for_training(here.outbox, here.registry, here.bars, now)


class Settler:
    """Ends the trainings whose process is gone, also while no scheduler answers.

    Parameters
    ----------
    clock : seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._gone: dict[int, float] = {}
        self.ended: list[Request] = []

    def look(self, here: Stores) -> None:
        """Note the end of each that has been gone for some seconds."""
        now = self._clock()
        gone = recorded.crashed(here)
        self._gone = {one.id: self._gone.get(one.id, now) for one in gone}
        for one in gone:
            if now - self._gone[one.id] >= _GONE_SECONDS:
                recorded.note_crash(here, one, datetime.now(UTC))
                self.ended.append(one)

    def release(self, here: Stores) -> None:
        """Tell the scheduler of those, which keeps their places for them.

        Raises
        ------
        OfflineError : it does not answer; it is told the next time.
        """
        for request in list(self.ended):
            if request.run_id is not None:
                with suppress(NotFoundError):
                    run = here.runs.get(request.run_id)
                    if not run.ended and not here.run_locks.is_alive(run.id):
                        here.runs.give_up(run, GONE)
            self.ended.remove(request)


class Dispatcher:
    """Looks after what was asked for every second in a thread, until stopped."""

    def __init__(self, stores: Callable[[], Stores]) -> None:
        self._stores = stores
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="dispatcher", daemon=True)
        self._reaper: Reaper | None = None
        self._settler = Settler()
        self._recalled: set[int] = set()
        self._followed = -math.inf

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stop.set()
        self._thread.join(5)

    def _loop(self) -> None:
        looked = -math.inf
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                if time.monotonic() - looked > _LOOK_SECONDS:  # an update may have left no champion
                    looked = time.monotonic()
                    want(self._stores())
                self._settler.look(self._stores())
                self._stores().refresh_calendars()  # a flow may have found some
                self._round(self._stores())
            except OfflineError:
                continue  # it is starting, or away
            except TickerLensError as error:  # the records cannot be read just now
                _log.warning("requests wait: %s", error.message)

    def _round(self, stores: Stores) -> None:
        self._settler.release(stores)
        dispatch(stores.outbox, stores.runs)
        for request in stores.outbox.taken_back(datetime.now(UTC) - _REMEMBERED):
            if request.id not in self._recalled and recall(request, stores.runs):
                self._recalled.add(request.id)
        self._reaper = self._reaper or Reaper(stores.run_locks, stores.runs)
        self._reaper.look()
        # One that was deleted and made anew in the scheduler is off until this looks again.
        if time.monotonic() - self._followed > _LOOK_SECONDS or is_pending(stores):
            follow(stores, stores.runs, datetime.now(UTC))
            self._followed = time.monotonic()
