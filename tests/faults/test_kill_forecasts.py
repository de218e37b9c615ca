"""A nightly run of forecasts that is killed at any moment is gone on with by the next one."""

import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from core.forecasts.ledger.tables import forecasts
from core.lifecycle.train import TrainingRequest, train
from core.reference.sessions import SHIPPED
from tests.house.tree import ROOT
from tests.support.bars import walk
from tests.support.homes import Home, open_home
from tests.support.trials import TRIALS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 60 * TRIALS)]
TICKERS = 24
NIGHT = datetime(2024, 6, 29, 2, tzinfo=UTC)

# As a night of thousands of tickers, in small: two to a shard, in processes of their own.
CHILD = """
import json
import sys
from datetime import datetime
from pathlib import Path
from core.forecasts import market_states
from core.workflows import forecast, spread
from tests.support.homes import open_home

if __name__ == "__main__":
    market_states.TICKERS_A_BLOCK = forecast.TICKERS_A_BLOCK = 2
    forecast.LISTED = 0
    spread._processors = lambda: 2
    at = datetime.fromisoformat(sys.argv[2])
    print("begun", flush=True)
    done = forecast.forecast(open_home(Path(sys.argv[1])), clock=lambda: at)
    print(json.dumps({name: done[name] for name in ("made", "already", "new_in_ledger")}))
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a model and bars up to one night."""
    home = open_home(tmp_path_factory.mktemp("stored"))
    days = SHIPPED["XNYS"].sessions
    days = days[days <= pd.Timestamp("2024-06-28")][-300:]
    for number in range(TICKERS):
        bars = walk(f"T{number}", len(days), seed=number).assign(session=days, source="csv")
        home.bars.upsert(bars)
    train(home.bars, home.registry, TrainingRequest("test", "first"), NIGHT)
    return home.path


def begun(home: Path) -> "subprocess.Popen[str]":
    order = [sys.executable, "-c", CHILD, str(home), NIGHT.isoformat()]
    child = subprocess.Popen(order, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "begun\n"
    return child


def finished(home: Path) -> dict[str, int]:
    child = begun(home)
    printed, _ = child.communicate(timeout=120)
    assert child.returncode == 0
    return dict(json.loads(printed))


def rows(home: Home) -> dict[tuple[Any, ...], Any]:
    """What the ledger holds, whatever the order in which shards came."""
    of = forecasts.c
    key = (of.ticker, of.as_of, of.model_version, of.kind)
    with home.database.read() as connection:
        found = connection.execute(sa.select(*key, of.law, of.last_close)).all()
    found_by_key = {tuple(row[:4]): (row.law, row.last_close) for row in found}
    assert len(found_by_key) == len(found), "one is there twice"
    return found_by_key


def test_a_killed_night_is_gone_on_with(stored: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    subprocess.run(["cp", "-r", str(stored), str(whole)], check=True)
    began = time.monotonic()
    assert finished(whole) == {"made": TICKERS, "already": 0, "new_in_ledger": TICKERS}
    lasts = time.monotonic() - began
    expected = rows(open_home(whole))
    assert len(expected) == TICKERS
    source, stopped = random.Random(7), 0
    for trial in range(TRIALS):
        home = tmp_path / f"trial-{trial}"
        subprocess.run(["cp", "-r", str(stored), str(home)], check=True)
        child = begun(home)
        moment = time.monotonic() + source.uniform(0.0, 1.0) * lasts
        written = source.randrange(TICKERS)  # in half of the trials: as soon as so many are there
        while child.poll() is None and (
            time.monotonic() < moment if trial % 2 else len(rows(open_home(home))) < written
        ):
            time.sleep(0.01)
        child.kill()
        child.communicate()
        there = len(rows(open_home(home)))
        stopped += 0 < there < TICKERS
        done = finished(home)
        assert done == {
            "made": TICKERS - there,
            "already": there,
            "new_in_ledger": TICKERS - there,
        }
        again = open_home(home)
        assert rows(again) == expected
        assert again.ledger.verify().forecasts == TICKERS
    print(f"killed at {TRIALS} moments, {stopped} of them between two shards")
