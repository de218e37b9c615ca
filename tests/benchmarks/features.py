"""What textbook indicators cost, beside other libraries and the least that writing them takes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.features.textbook import NAMES, indicators_of
from tests.benchmarks.measure import QUICK, Size, held, measure
from tests.benchmarks.peers import environment

_SESSIONS = 3_500
_START = """
import time, numpy as np
from core.features.textbook import indicators_of
series = [np.linspace(1.0, 2.0, 64)] * 4
times = []
for _ in range(2):
    started = time.perf_counter()
    indicators_of(np.array([0, 64]), *series)
    times.append(time.perf_counter() - started)
print(times[0] - times[1])
"""


@dataclass(frozen=True)
class Ratio:
    """How much more of something another way takes than ours, or ours than a bound.

    `seconds` is what the other way took, NaN where no time is compared; `wanted` the bound, which
    is to be reached if `least`, else not to be exceeded; NaN for none.
    """

    what: str
    value: float
    seconds: float
    wanted: float
    least: bool = True

    def to_dict(self) -> dict[str, object]:
        """As JSON-able values."""
        return asdict(self)


def textbook(size: Size) -> Iterator[Ratio]:
    """2.8 million rows on all cores, output freshly allocated; others on one core, as they come."""
    tickers = 100 if size == QUICK else 800
    before = held()
    first, series = _panel(tickers)
    indicators_of(first, *series)  # kernels are compiled or read once a process
    peak = measure("", 1, lambda: indicators_of(first, *series)).memory - before
    ours = _least(9, lambda: indicators_of(first, *series))
    alone = _least(5, lambda: indicators_of(first, *series, cores=1))
    shape = (len(NAMES), int(first[-1]))
    writing = _least(9, lambda: np.empty(shape).fill(1.0))
    given = {"first": first, **dict(zip(("high", "low", "close", "volume"), series))}
    yield Ratio("ours, both cores", 1.0, ours, np.nan)
    yield Ratio("ours, one core", alone / ours, alone, np.nan)
    for what, method, times, wanted in (("pandas", "pandas", 2, 60.0), ("TA-Lib", "talib", 5, 2.0)):
        took = float(environment.ask("indicators", given, method, str(times))["seconds"])
        yield Ratio(f"{what}, ticker by ticker", took / ours, took, wanted)
    yield Ratio("writing the output once", writing / ours, writing, 0.5)
    whole = (8 * np.prod(shape) + sum(one.nbytes for one in series)) / 1e6
    yield Ratio("peak memory over output and input", peak / whole, np.nan, 1.4, least=False)
    with tempfile.TemporaryDirectory() as folder:
        compiled, read = _start(folder), _start(folder)
    yield Ratio("seconds of the first start ever", compiled, np.nan, np.nan)
    yield Ratio("seconds of the next process", read, np.nan, 1.0, least=False)


def table(ratios: list[Ratio]) -> str:
    """The ratios as plain text, a line each."""
    width = max(len(ratio.what) for ratio in ratios)
    return "\n".join(
        [f"{'':{width}}  {'ratio':>8} {'seconds':>8}", *(_line(one, width) for one in ratios)]
    )


def _line(one: Ratio, width: int) -> str:
    seconds = "" if np.isnan(one.seconds) else f"{one.seconds:.3f}"
    wanted = ""
    if not np.isnan(one.wanted):
        kept = one.value >= one.wanted if one.least else one.value <= one.wanted
        sign = "at least" if one.least else "at most"
        wanted = f"{sign} {one.wanted:g} {'ok' if kept else 'MISSED'}"
    return f"{one.what:{width}}  {one.value:8.2f} {seconds:>8}  {wanted}".rstrip()


def _panel(tickers: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Rows at which tickers start; high, low, close and volume of random walks."""
    source = np.random.default_rng(0)
    steps = source.normal(0.0, 0.015, (tickers, _SESSIONS))
    close = 100.0 * np.exp(np.cumsum(steps, axis=1)).ravel()
    volume = source.integers(1_000, 100_000, len(close)).astype(np.float64)
    return np.arange(tickers + 1) * _SESSIONS, [close * 1.01, close * 0.99, close, volume]


def _least(times: int, work: Callable[[], object]) -> float:
    return min(measure("", 1, work).seconds for _ in range(times))


def _start(folder: str) -> float:
    """Seconds a process pays for its first call beyond the second; caches lie in `folder`."""
    caches = {"NUMBA_CACHE_DIR": folder, "PYTHONPYCACHEPREFIX": str(Path(folder) / "pyc")}
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", _START],
        env=kept | caches,
        cwd=environment.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
