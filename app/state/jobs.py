"""Work that takes seconds, run beside the page that asked for it and visible to every page."""

import logging
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path

from core.foundation.disk import explained
from core.foundation.errors import BusyError, TickerLensError
from core.foundation.incidents import record_incident
from core.foundation.progress import Progress
from core.workflows.bars.ingest import StoredBars

_log = logging.getLogger(__name__)


@dataclass
class Step:
    """One thing a job does: `done` of `total` parts, the last of which is `part`.

    `began` is an instant of the monotonic clock.
    """

    name: str
    done: int
    total: int
    part: str = ""
    began: float = field(default_factory=time.monotonic)


@dataclass
class Job:
    """A service running in a thread. Steps are shown in the order they began.

    `about` names the tickers a person will want to see when it ends; `note` is what that person
    should know although all went well enough, `stored` the bars that a person gave.
    """

    title: str
    about: tuple[str, ...] = ()
    steps: list[Step] = field(default_factory=list)
    running: bool = True
    error: str = ""
    note: str = ""
    stored: StoredBars | None = None

    def progress(self, step: str, done: int, total: int, part: str = "") -> None:
        """The `Progress` a service is given."""
        if not self.steps or self.steps[-1].name != step:
            self.steps.append(Step(step, done, total))
        now = self.steps[-1]
        now.done, now.total, now.part = done, total, part


Work = Callable[[Progress], str | StoredBars | None]


class Jobs:
    """At most one job at a time in this process."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self.latest: Job | None = None

    def start(self, title: str, work: Work, about: tuple[str, ...] = ()) -> Job:
        """Run `work` in a thread; the text it returns becomes the job's note, bars its `stored`.

        Raises
        ------
        BusyError : another job still runs.
        """
        with self._lock:
            if self.latest is not None and self.latest.running:
                raise BusyError("job.busy", "{job} is still under way.", {"job": self.latest.title})
            self.latest = job = Job(title, about)
        run = copy_context().run  # what it puts on record says from where it was asked for
        arguments = (self._run, job, work)
        threading.Thread(target=run, args=arguments, name=title, daemon=True).start()
        return job

    def _run(self, job: Job, work: Work) -> None:
        try:
            done = work(job.progress)
            if isinstance(done, StoredBars):
                job.stored = done
            else:
                job.note = done or ""
        except TickerLensError as error:
            job.error = error.message
        except Exception as error:
            known = explained(error, self._home)
            if known is not None:
                job.error = known.message
                return
            name = record_incident(self._home, error)
            _log.error("unforeseen error %s in %s", name, job.title)
            job.error = f"Something unforeseen happened, error {name}."
        finally:
            job.running = False
