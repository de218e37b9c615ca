"""A person's word on a step, given and taken back while processes are killed and others read."""

import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.market_data.explain_steps import explain_step, withdraw_explanation
from core.market_data.ingest import WantedBars, ingest
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.review import quality
from core.market_data.sources.csv_file import CsvSource
from core.reference.tickers import Ticker
from tests.support.homes import Home, open_home
from tests.support.trials import TRIALS

pytestmark = pytest.mark.slow

FILE = Path(__file__).parents[1] / "core/market_data/field/11-unlisted-split-on-a-lively-day.csv"
ABC = Ticker.parse("ABC")
AT = datetime(2026, 11, 27, 23, tzinfo=UTC)
SPLIT = "split 4:1"
PARTED, JOINED = 30, 600  # sessions that are read

CHILD = """
import sys
from pathlib import Path
from tests.faults.test_kill_explanation import back_and_forth
from tests.support.homes import open_home

home = open_home(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    back_and_forth(home)
"""


def back_and_forth(home: Home) -> None:
    explain_step(home.gateway, home.audit, step(home).id, SPLIT, "ann", "notice", AT)
    withdraw_explanation(home.gateway, home.audit, step(home).id, "ann", "no", AT)


def step(home: Home) -> QuarantineEntry:
    return min(
        (one for one in home.quarantine.entries() if one.code == "step"), key=lambda one: one.id
    )


def read(bars: ParquetBars) -> int:
    return len(bars.load([ABC]))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = open_home(tmp_path / "home")
    ingest(CsvSource(FILE, ABC), opened.gateway, AT, WantedBars(tickers=[ABC]))
    assert read(opened.bars) == PARTED
    return opened


class Reader(threading.Thread):
    """Reads over and over, and keeps how many sessions it saw."""

    def __init__(self, bars: ParquetBars) -> None:
        super().__init__()
        self._bars, self._over = bars, threading.Event()
        self.seen: set[object] = set()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self.seen.add(read(self._bars))
            except Exception as error:  # or the thread would end and say nothing
                self.seen.add(repr(error))

    def __enter__(self) -> "Reader":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def test_killed_at_any_moment_the_step_is_open_or_explained_and_never_half(home: Home) -> None:
    draw, states = random.Random(11), set()
    parted = home.bars.load([ABC]).drop(columns="ingested_at")
    for _ in range(TRIALS):
        order = [sys.executable, "-c", CHILD, str(home.path)]
        with Reader(ParquetBars(home.path / "bars")) as reader:
            with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as child:
                assert child.stdout is not None and child.stdout.readline() == "ready\n"
                time.sleep(draw.uniform(0.0, 0.4))
                child.send_signal(signal.SIGKILL)
        assert reader.seen <= {PARTED, JOINED}
        quality(home.gateway, AT)
        released = step(home).status == QuarantineStatus.RELEASED
        assert read(home.bars) == (JOINED if released else PARTED)
        assert (step(home).explanation == SPLIT) == released
        states.add(released)
        explain_step(home.gateway, home.audit, step(home).id, SPLIT, "bob", "notice", AT)
        assert read(home.bars) == JOINED
        withdraw_explanation(home.gateway, home.audit, step(home).id, "bob", "no", AT)
        found = home.bars.load([ABC]).drop(columns="ingested_at")
        pd.testing.assert_frame_equal(found, parted)
    assert TRIALS > 0 and states


def test_two_who_explain_it_at_once_leave_one_word_on_record_and_in_the_bars(home: Home) -> None:
    words = {SPLIT: (4.0, 0.0), "dividend 131.5": (1.0, 131.5)}
    number, start = step(home).id, threading.Barrier(2)

    def explain(word: str) -> None:
        own = open_home(home.path)
        start.wait()
        explain_step(own.gateway, own.audit, number, word, "ann", "notice", AT)

    for _ in range(TRIALS):
        both = [threading.Thread(target=explain, args=(word,)) for word in words]
        for one in both:
            one.start()
        for one in both:
            one.join()
        bars = home.bars.load([ABC], adjusted=False).set_index("session")
        stored = bars.loc["2026-10-15", ["split_ratio", "dividend"]]
        assert words[str(step(home).explanation)] == tuple(stored)
        withdraw_explanation(home.gateway, home.audit, number, "ann", "no", AT)
