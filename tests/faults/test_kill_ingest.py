"""An ingest that is killed at any instant leaves whole files, and a rerun mends the rest."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from core.market.sample import SampleSource
from core.schema import BAR_COLUMNS
from core.services.ingest import ingest
from core.storage.bars import ParquetBars
from core.storage.held import HELD
from tests.homes import AT

pytestmark = pytest.mark.slow

TRIALS = int(os.environ.get("TICKERLENS_TRIALS", "5"))

# Every round takes the bars out again, so that there is always something being written.
CHILD = """
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from core.market.sample import SampleSource
from core.services.ingest import ingest
from core.storage.bars import ParquetBars

source, bars = SampleSource(), ParquetBars(Path(sys.argv[1]))


def once():
    ingest(source, bars, datetime.now(UTC))
    for ticker in bars.tickers():
        bars.remove(ticker)


once()  # what is slow the first time is over before the clock starts
started = time.perf_counter()
once()
print(time.perf_counter() - started, flush=True)
while True:
    once()
"""


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    bars = ParquetBars(tmp_path_factory.mktemp("clean"))
    ingest(SampleSource(), bars, AT)
    return bars.load(adjusted=False)


def kill_at(folder: Path, share: float) -> list[str]:
    """Ingest in a child, kill it after this share of a round, and name the files it left."""
    order = [sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        time.sleep(share * float(child.stdout.readline()))
        assert child.poll() is None, "the child must still be at work"
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    return [path.name for path in folder.iterdir()]


def test_a_killed_ingest_leaves_whole_files_and_a_rerun_is_a_clean_run(
    clean: pd.DataFrame, tmp_path: Path
) -> None:
    draw = random.Random(2024)
    seen: set[str] = set()
    for trial in range(TRIALS):
        folder = tmp_path / str(trial)
        folder.mkdir()
        left = kill_at(folder, draw.uniform(0.0, 1.0))
        seen.update(left)
        for path in folder.glob("*.parquet"):
            stored = pd.read_parquet(path)
            assert set(stored.columns) == {*BAR_COLUMNS, HELD} and len(stored) > 150, path.name
        bars = ParquetBars(folder)
        assert not list(folder.glob("*.tmp")), "opening sweeps what the dead one left"
        done = ingest(SampleSource(), bars, AT)
        assert done.failed == {} and len(done.written) == 6
        found = bars.load(adjusted=False)
        pd.testing.assert_frame_equal(
            found.drop(columns="ingested_at"), clean.drop(columns="ingested_at"), check_exact=True
        )
    assert TRIALS > 0 and any(name.endswith((".parquet", ".tmp")) for name in seen)
