"""One measurement, and the table of many."""

import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """What something cost: `count` things in `seconds`, of which `cpu` at work in this process.

    `memory` is the most the process held meanwhile, in MB; NaN where the system does not say.
    `limit` is the most seconds it may take; none if 0.
    """

    what: str
    count: int
    seconds: float
    cpu: float
    memory: float
    limit: float = 0.0

    def to_dict(self) -> dict[str, object]:
        """As JSON-able values."""
        return asdict(self) | {"each_ms": 1000 * self.seconds / self.count}


@dataclass(frozen=True)
class Size:
    """How much is measured: tickers, each with so many sessions, and the counts to compare.

    `nights` are those of whole nights, which take the longest.
    """

    tickers: int
    sessions: int
    few: int
    many: int
    nights: tuple[int, ...] = ()


QUICK = Size(tickers=60, sessions=2_520, few=20, many=120, nights=(50, 500))
FULL = Size(tickers=500, sessions=2_520, few=50, many=2_000, nights=(50, 500, 5_000))


def measure(what: str, count: int, work: Callable[[], object], limit: float = 0.0) -> Figure:
    """Do the work once and say what it cost; `count` is of how many things it was the work."""
    with _peak() as peak:
        started, used = time.perf_counter(), time.process_time()
        work()
        seconds, cpu = time.perf_counter() - started, time.process_time() - used
    return Figure(what, count, seconds, cpu, peak[0], limit)


def typical(what: str, count: int, work: Callable[[], object], limit: float = 0.0) -> Figure:
    """The middle one of several measurements of something short."""
    return middle([measure(what, count, work, limit) for _ in range(9)])


def middle(figures: list[Figure]) -> Figure:
    """The middle one by its seconds."""
    return sorted(figures, key=_seconds)[len(figures) // 2]


def table(figures: list[Figure]) -> str:
    """The figures as plain text, a line each."""
    width = max(len(figure.what) for figure in figures)
    head = f"{'':{width}}  {'n':>6} {'seconds':>9} {'ms each':>9} {'CPU ms':>9} {'MB':>6}  limit"
    return "\n".join([head, *(_line(figure, width) for figure in figures)])


def _line(one: Figure, width: int) -> str:
    each, cpu = 1000 * one.seconds / one.count, 1000 * one.cpu / one.count
    verdict = "ok" if one.seconds < one.limit else "MISSED"
    limit = f"{one.limit:g} s {verdict}" if one.limit else ""
    figures = f"{one.count:6} {one.seconds:9.3f} {each:9.2f} {cpu:9.2f} {one.memory:6.0f}"
    return f"{one.what:{width}}  {figures}  {limit}".rstrip()


def _seconds(figure: Figure) -> float:
    return figure.seconds


@contextmanager
def _peak() -> Iterator[list[float]]:
    """The most memory held while the block runs, in MB."""
    most, over = [resident_megabytes()], threading.Event()

    def sample() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], resident_megabytes())

    watcher = threading.Thread(target=sample, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        over.set()
        watcher.join()
        most[0] = max(most[0], resident_megabytes())


def resident_megabytes() -> float:
    """The memory this process holds, and those that it started, in MB."""
    if Path("/proc/self/statm").exists():
        return sum(map(_pages, _family(os.getpid()))) * resource.getpagesize() / 1e6
    # Elsewhere only the most so far is known, in bytes on macOS.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3


def _family(pid: int) -> Iterator[int]:
    """A process and those that came of it."""
    yield pid
    with suppress(OSError):  # it ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _pages(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return 0
