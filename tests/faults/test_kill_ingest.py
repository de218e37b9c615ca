"""An ingest that is killed at any instant tears no read and loses no row, and a rerun mends it."""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.sql.database import Database
from core.market_data.ingest import ingest
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.holds import HOLD
from core.market_data.records.quarantine import Quarantine
from core.market_data.sources.sample import SampleSource
from core.market_data.validate import BarGateway
from core.reference.schema import BAR_COLUMNS
from tests.support.bars import walk
from tests.support.homes import AT
from tests.support.trials import TRIALS

pytestmark = pytest.mark.slow


# Every round takes the bars out again, so that there is always something being written.
CHILD = """
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from core.market_data.sources.sample import SampleSource
from core.market_data.ingest import ingest
from tests.faults.test_kill_ingest import intake_at

source, intake = SampleSource(), intake_at(Path(sys.argv[1]))
bars = intake.bars


def once():
    ingest(source, intake, datetime.now(UTC))
    for ticker in bars.tickers():
        bars.remove(ticker)


once()  # what is slow the first time is over before the clock starts
print("warm", flush=True)
started = time.perf_counter()
once()
print(time.perf_counter() - started, flush=True)
while True:
    once()
"""


def intake_at(folder: Path) -> BarGateway:
    """The way into a lake in the folder, with the register beside it."""
    return BarGateway(ParquetBars(folder), Quarantine(Database(f"sqlite:///{folder}.db")))


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    gateway = intake_at(tmp_path_factory.mktemp("clean"))
    ingest(SampleSource(), gateway, AT)
    return gateway.bars.load(adjusted=False)


class Readers:
    """Two threads that read all bars over and over, and keep what they find wrong."""

    def __init__(self, folder: Path, clean: pd.DataFrame) -> None:
        self._folder, self._clean = folder, dict(list(clean.groupby("ticker")))
        self._over = threading.Event()
        self.faults: list[str] = []
        self.reads = [0, 0]
        self._threads = [threading.Thread(target=self._read, args=(one,)) for one in (0, 1)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self, which: int) -> None:
        bars = ParquetBars(self._folder)
        while not self._over.is_set() and not self.faults:
            try:
                self.faults += [*map(str, bars.damaged().values()), *self._torn(bars)]
            except Exception as error:  # or the thread would end and say nothing
                self.faults.append(repr(error))
            self.reads[which] += 1

    def _torn(self, bars: ParquetBars) -> list[str]:
        """Tickers read that are not as a clean run leaves them: part of their rows, or others."""
        found = bars.load(adjusted=False).drop(columns="ingested_at")
        groups = found.groupby("ticker")
        return [
            f"{ticker}: {len(rows)} rows"
            for ticker, rows in groups
            if not rows.reset_index(drop=True).equals(
                self._clean[ticker].drop(columns="ingested_at").reset_index(drop=True)
            )
        ]


class Child:
    """A process that ingests round after round, as soon as it is entered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        order = [sys.executable, "-c", CHILD, str(folder)]
        self._process = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "Child":
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "warm\n"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def kill_at(self, share: float) -> list[str]:
        """Kill it after this share of a round, and name the files it left."""
        assert self._process.stdout is not None
        time.sleep(share * float(self._process.stdout.readline()))
        assert self._process.poll() is None, "the child must still be at work"
        self._process.send_signal(signal.SIGKILL)
        assert self._process.wait() == -signal.SIGKILL
        return [path.name for path in self._folder.iterdir()]


def test_a_killed_ingest_leaves_whole_files_and_a_rerun_is_a_clean_run(
    clean: pd.DataFrame, tmp_path: Path
) -> None:
    draw = random.Random(2024)
    seen: set[str] = set()
    for trial in range(TRIALS):
        folder = tmp_path / str(trial)
        folder.mkdir()
        with Child(folder) as child, Readers(folder, clean) as readers:
            left = child.kill_at(draw.uniform(0.0, 1.0))
            seen.update(left)
            for path in folder.glob("*.parquet"):
                stored = pd.read_parquet(path)
                assert set(stored.columns) == {*BAR_COLUMNS, HOLD} and len(stored) > 150, path.name
            gateway = intake_at(folder)
            assert not list(folder.glob("*.tmp")), "opening sweeps what the dead one left"
            done = ingest(SampleSource(), gateway, AT)
        assert readers.faults == [] and min(readers.reads) > 0
        assert done.failed == {} and len(done.written) == 6
        found = gateway.bars.load(adjusted=False)
        pd.testing.assert_frame_equal(
            found.drop(columns="ingested_at"), clean.drop(columns="ingested_at"), check_exact=True
        )
    assert TRIALS > 0 and any(name.endswith((".parquet", ".tmp")) for name in seen)


KEEPING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from core.market_data.lake.bar_store import ParquetBars
from tests.support.bars import walk

bars, rows = ParquetBars(Path(sys.argv[1])), walk(sessions=2000)
for number in range(len(rows)):
    bars.upsert(rows.iloc[[number]])
    print(number, flush=True)
"""


def test_a_row_that_was_stored_survives_every_kill(tmp_path: Path) -> None:
    """What the writer said is stored is there after its death, and nothing else but the next."""
    draw, rows = random.Random(7), walk(sessions=2000)
    for trial in range(TRIALS):
        folder = tmp_path / str(trial)
        order = [sys.executable, "-c", KEEPING, str(folder)]
        with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None and child.stdout.readline() == "0\n"
            time.sleep(draw.uniform(0.0, 0.5))
            child.send_signal(signal.SIGKILL)
            output = [0, *map(int, child.stdout.read().split())]
        found = ParquetBars(folder).load(adjusted=False)
        assert len(found) in (len(output), len(output) + 1)
        expected = rows.iloc[: len(found)]
        pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)
