"""Several processes at one lake: no row is lost, and no reader meets half a write."""

import threading

import numpy as np
import pandas as pd
import pytest

from core.market_data.lake.bar_store import ParquetBars
from core.reference.schema import PRICE_COLUMNS
from tests.support.bars import walk
from tests.support.places import Place

pytestmark = pytest.mark.slow

SESSIONS = 48

# Each writer has every n-th session, and stores one after the other.
WRITER = """from tests.support.bars import walk

bars, sessions, first, step = lake(), *map(int, sys.argv[1:])
rows = walk(sessions=sessions)
ready()
for place in range(first, sessions, step):
    done = bars.upsert(rows.iloc[[place]])
    assert (done.new, done.corrected, done.unchanged) == (1, 0, 0), done
"""

# Every round corrects all rows, so that whole rounds differ in every number.
CORRECTOR = """from tests.support.bars import walk

bars, sessions, rounds = lake(), *map(int, sys.argv[1:])
rows = walk(sessions=sessions)
ready()
prices = ["open", "high", "low", "close"]
for turn in range(1, rounds + 1):
    again = rows.assign(volume=float(turn))
    again[prices] = rows[prices] * (1 + turn)
    assert bars.upsert(again).corrected == sessions
"""


def test_writers_of_one_ticker_lose_nothing(place: Place) -> None:
    with place.running(WRITER, *[[str(SESSIONS), str(first), "3"] for first in range(3)]):
        pass
    found = place.open().load(adjusted=False)
    pd.testing.assert_frame_equal(found, walk(sessions=SESSIONS), check_dtype=False)


def test_threads_of_one_process_lose_nothing(place: Place) -> None:
    bars, lake = walk(sessions=SESSIONS), place.open()
    parts = [bars.iloc[start::4] for start in range(4)]
    threads = [threading.Thread(target=lake.upsert, args=[part]) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pd.testing.assert_frame_equal(lake.load(adjusted=False), bars, check_dtype=False)


def test_a_remover_and_a_writer_leave_whole_files(place: Place) -> None:
    lake = place.open()
    removed = 0
    with place.running(WRITER, [str(SESSIONS), "0", "1"]) as [writer]:
        while writer.poll() is None:
            for ticker in lake.tickers():
                lake.remove(ticker)
                removed += 1
    assert removed > 0 and lake.damaged() == {}
    rest, all_rows = lake.load(adjusted=False), walk(sessions=SESSIONS)
    # What was stored after the last removal is there, and nothing from before it.
    expected = all_rows.iloc[SESSIONS - len(rest) :].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, expected, check_dtype=False, check_exact=True)


def whole(found: pd.DataFrame, rows: pd.DataFrame) -> float:
    """The round that a frame read is of; every number must be of the same one."""
    turns = found["volume"].unique()
    assert len(found) == len(rows) and len(turns) == 1, "a mixture of two rounds"
    for name in PRICE_COLUMNS:
        np.testing.assert_array_equal(found[name], rows[name] * (1 + turns[0]))
    return float(turns[0])


def read_all(
    lake: ParquetBars, rows: pd.DataFrame, seen: list[float], done: threading.Event
) -> None:
    while not done.is_set():
        seen.append(whole(lake.load(["AAPL"], adjusted=False), rows))


def test_readers_meet_whole_rounds_in_order(place: Place) -> None:
    rows, rounds = walk(sessions=SESSIONS), 30
    lake = place.open()
    lake.upsert(rows.assign(volume=0.0))
    done = threading.Event()
    lists: list[list[float]] = [[], []]
    readers = [
        threading.Thread(target=read_all, args=[place.open(), rows, one, done]) for one in lists
    ]
    for reader in readers:
        reader.start()
    try:
        with place.running(CORRECTOR, [str(SESSIONS), str(rounds)]):
            pass
    finally:
        done.set()
        for reader in readers:
            reader.join()
    last = whole(lake.load(adjusted=False), rows)
    for one in lists:
        one.append(last)
        assert one == sorted(one) and len(set(one)) > 2 and one[-1] == rounds
