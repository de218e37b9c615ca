"""Do the same work on many shards, in as many processes as there are processors."""

import logging
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from itertools import islice
from multiprocessing.connection import wait
from typing import TypeVar

from core.foundation.errors import StorageError, TickerLensError
from core.foundation.settings import Settings
from core.wiring import Workspace

Shard = TypeVar("Shard")
Result = TypeVar("Result")
Work = Callable[[Workspace, Shard], Result]

_MAX_PROCESSES = 4  # each holds some 300 MB of libraries
_MIN_SHARDS = 12  # fewer are done in this process: to start others takes as long
_AHEAD = 2  # shards that wait beside those that are worked on

_log = logging.getLogger(__name__)
_own: list[Workspace] = []  # of a process that was started for this


def spread(
    work: Work[Shard, Result], shards: Iterable[Shard], count: int, workspace: Workspace
) -> Generator[tuple[Shard, Result | TickerLensError], None, None]:
    """Each shard with what the work gave for it, in their order, or why it gave nothing.

    A few shards are worked on in this process, more in others of their own, so work is a function
    that can be named from there, and shards and results can be pickled. They end with this one,
    also where it is killed.

    Parameters
    ----------
    work : given the stores of the home and a shard; it may raise a `TickerLensError`, which is
        that shard's result. It may be done twice where a process was killed.
    shards : each is asked for when its turn comes soon.
    count : how many there are.
    """
    processes = min(count, _processors(), _MAX_PROCESSES)
    if processes < 2 or count < _MIN_SHARDS:
        for shard in shards:
            yield shard, _result(work, workspace, shard)
        return
    with ExitStack() as stack:
        pool = _Pool(workspace.settings, processes)
        stack.callback(pool.close)
        due, waiting = iter(shards), deque[tuple[Shard, Future[Result | TickerLensError]]]()
        while True:
            for shard in islice(due, processes + _AHEAD - len(waiting)):
                waiting.append((shard, pool.submit(work, shard)))
            if not waiting:
                return
            shard, future = waiting.popleft()
            try:
                yield shard, future.result()
            except BrokenProcessPool:
                # Whichever shard it was: each that waits is done anew, on its own.
                _log.warning("a process was killed; its shards are done again")
                pool.renew()
                yield shard, pool.alone(work, shard)
                waiting = deque((one, pool.submit(work, one)) for one, _ in waiting)


class _Pool:
    """Processes, which can be replaced once one of them was killed."""

    def __init__(self, settings: Settings, processes: int) -> None:
        self._settings, self._processes = settings, processes
        self._executor = self._new()

    def submit(self, work: Work[Shard, Result], shard: Shard) -> Future[Result | TickerLensError]:
        return self._executor.submit(_elsewhere, work, shard)

    def alone(self, work: Work[Shard, Result], shard: Shard) -> Result | TickerLensError:
        """What a shard gives that nothing is done beside; a sentence where it kills its process."""
        try:
            return self.submit(work, shard).result()
        except BrokenProcessPool:
            self.renew()
            return StorageError(
                "spread.process-killed",
                "The process that worked on it was killed, perhaps for want of memory.",
            )

    def renew(self) -> None:
        self.close()
        self._executor = self._new()

    def close(self) -> None:
        """End the processes, whatever they are at."""
        children = list((self._executor._processes or {}).values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        for one in children:
            one.terminate()
        for one in children:
            one.join()

    def _new(self) -> ProcessPoolExecutor:
        # Started anew: one that is forked inherits locks and connections in any state.
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, spawn, _begin, (self._settings,))


def _processors() -> int:
    """Those that this process may use."""
    known = getattr(os, "sched_getaffinity", None)
    return len(known(0)) if known else os.cpu_count() or 1


def _begin(settings: Settings) -> None:
    _own.append(Workspace(settings))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _elsewhere(work: Work[Shard, Result], shard: Shard) -> Result | TickerLensError:
    return _result(work, _own[0], shard)


def _result(
    work: Work[Shard, Result], workspace: Workspace, shard: Shard
) -> Result | TickerLensError:
    try:
        return work(workspace, shard)
    except TickerLensError as error:
        return error
