"""Ends the runs that nobody works on any more, which Prefect by itself would keep for ever."""

import time
from collections.abc import Callable

from app.state.prefect_client import Run, Runs
from core.foundation.outbox import RunState
from core.foundation.run_locks import RunLocks

# How long a run may go without a sign of life. To start a process takes seconds, on a busy machine
# many; a run that is being cancelled has had its process ended by then.
_SILENT_SECONDS = {RunState.PENDING: 180.0, RunState.RUNNING: 120.0, RunState.CANCELLING: 8.0}
GONE = "The process that worked on it ended before the work did."
_CANCELLED = "It was cancelled."


class Reaper:
    """Looks at every run that has not ended, as often as it is asked to.

    Parameters
    ----------
    clock : seconds that never go back.
    """

    def __init__(
        self, run_locks: RunLocks, runs: Runs, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._run_locks, self._runs, self._clock = run_locks, runs, clock
        self._silent: dict[tuple[str, str], float] = {}

    def look(self) -> None:
        """End the runs whose process is gone, and remove what it left behind.

        Raises
        ------
        OfflineError : the scheduler does not answer.
        """
        active = self._runs.active()
        before, self._silent = self._silent, {}
        for run in active:
            since = before.get((run.id, run.state), self._clock())
            self._one(run, since)
        self._run_locks.sweep([run.id for run in active])

    def _one(self, run: Run, since: float) -> None:
        long = self._clock() - since >= _SILENT_SECONDS[run.state]
        if self._run_locks.is_alive(run.id):
            if run.state != RunState.CANCELLING:
                return
            if long:
                self._run_locks.kill(run.id)  # no more is left of the process that began it
        elif self._run_locks.orphaned(run.id):
            self._give_up(run)
            self._run_locks.forget(run.id)
            return
        elif long:
            self._run_locks.give_up(run.id)
            self._give_up(run)
            return
        self._silent[run.id, run.state] = since

    def _give_up(self, run: Run) -> None:
        self._runs.give_up(run, _CANCELLED if run.state == RunState.CANCELLING else GONE)
