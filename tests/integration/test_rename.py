"""A company changes its symbol, through the real command: bars, ledger and specialist go on."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.forecasts.make import make
from core.lifecycle.train import TrainingRequest, train
from core.models import create
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.bars import walk
from tests.support.commands import called, run_command
from tests.support.homes import Home, open_home
from tests.support.yahoo.server import FakeYahoo

OLD, NEW = Ticker.parse("FB"), Ticker.parse("META")
NYSE = SHIPPED["XNYS"]
LAST = NYSE.latest_closed(datetime.now(UTC) - timedelta(days=7))
SESSIONS = NYSE.sessions[NYSE.sessions <= LAST][-700:]
SAY = ("rename", "--from", "FB", "--to", "META", "--reason")


def bars(symbol: str, seed: int) -> pd.DataFrame:
    made = walk(symbol, len(SESSIONS), seed).assign(source="yahoo", session=SESSIONS)
    return made.assign(ingested_at=pd.Timestamp(LAST, tz="UTC") + pd.Timedelta(days=1))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tickers, a champion of both, a specialist of FB, and a forecast of FB in the ledger."""
    folder = tmp_path_factory.mktemp("built")
    home = open_home(folder)
    home.bars.upsert(pd.concat([bars("FB", 1), bars("MSFT", 2)]))
    home.watchlist.add([OLD, Ticker.parse("MSFT")], "yahoo", datetime.now(UTC))
    at = datetime.now(UTC)
    train(home.bars, home.registry, TrainingRequest("ann", "first"), at)
    special = train(home.bars, home.registry, TrainingRequest("ann", "its own", "FB"), at)
    home.registry.promote(special.version, "ann", "better", at, ticker="FB")
    as_of = SESSIONS[-4]
    known = home.bars.load(["FB"], end=as_of, adjusted=False)
    night = NYSE.closes_at(as_of).to_pydatetime() + timedelta(hours=1)
    model = replace(special, created_at=night)
    home.ledger.append([make(create("har").fit(known), model, known, OLD, night)], night)
    return folder


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    return open_home(Path(shutil.copytree(built, tmp_path / "home")))


def forecasts(home: Home, symbol: str) -> Any:
    (found,) = run_command(home.path, "forecast", "--tickers", symbol)["forecasts"]
    return found


def prices(forecast: Any) -> np.ndarray:
    return np.array([list(one["quantiles"].values()) for one in forecast["predictions"]])


def test_the_specialist_goes_on_and_the_ledger_stays_sealed(home: Home) -> None:
    before = forecasts(home, "FB")
    sealed = run_command(home.path, "ledger", "verify")
    done = run_command(home.path, *SAY, "a new symbol")
    assert done["renamed"]["to"] == "META" and done["renamed"]["who"].startswith("command line (")
    assert run_command(home.path, *SAY, "again") == done, "twice is once"
    after = forecasts(home, "META")
    assert after["model"] == before["model"] == {"name": "har", "version": "2"}
    assert np.array_equal(prices(after), prices(before)), "to the bit"
    refused = called(home.path, "forecast", "--tickers", "FB")
    assert refused.returncode == 1 and refused.stderr == "FB is META now; name that.\n"
    scored = run_command(home.path, "score")
    assert scored["scored"] == 3 and not scored["failed"]
    shown = run_command(home.path, "ledger", "show", "--tickers", "META")["forecasts"]
    assert {one["ticker"] for one in shown} == {"FB"} and shown[0]["scored"] == 3
    verified = run_command(home.path, "ledger", "verify")
    assert verified["status"] == "intact"
    assert verified["hash"]["forecasts"] == sealed["hash"]["forecasts"], "no row was written anew"


def test_nothing_is_trained_for_a_new_symbol_and_a_night_goes_on(
    home: Home, yahoo: FakeYahoo
) -> None:
    run_command(home.path, *SAY, "a new symbol")
    later = NYSE.sessions[(NYSE.sessions > LAST)][:2]
    for symbol, seed in (("META", 1), ("MSFT", 2)):
        old = bars("FB" if symbol == "META" else symbol, seed)
        new = old.tail(2).assign(session=later)
        yahoo.frames[symbol] = pd.concat([old, new]).assign(ticker=symbol)
    result = run_command(home.path, "nightly", TICKERLENS_YAHOO_URL=yahoo.url)
    assert "train" not in result
    assert yahoo.charts("META") and yahoo.charts("MSFT") and not yahoo.charts("FB")
    assert result["ingest"]["written"]["META"]["new"] == 2 and not result["ingest"]["failed"]
    assert result["score"]["scored"] == 5
    assert [one["ticker"] for one in result["forecast"]["forecasts"]] == ["META", "MSFT"]
    assert {one["model"]["version"] for one in result["forecast"]["forecasts"]} == {"2", "1"}
    back = run_command(home.path, *SAY, "a mistake", "--take-back")
    assert back["taken_back"]["taken_back_reason"] == "a mistake"
    again = open_home(home.path)
    assert [str(one) for one in again.bars.tickers()] == ["FB", "META", "MSFT"]
    assert len(again.bars.latest(OLD)) == 700 and len(again.bars.latest(NEW)) == 2
    assert list(again.registry.specialists()) == ["FB"]
    assert run_command(home.path, "ledger", "verify")["status"] == "intact"


def test_refused_nothing_is_changed(home: Home) -> None:
    own = bars("META", 3).tail(5)
    home.bars.upsert(own)
    refused = called(home.path, *SAY, "a new symbol")
    session = f"{own['session'].iloc[0]:%Y-%m-%d}"
    assert refused.returncode == 1 and refused.stdout == ""
    assert refused.stderr.startswith(f"FB cannot be META: on {session} they closed at ")
    assert open_home(home.path).rename_log.all() == []
    assert [str(one) for one in open_home(home.path).bars.tickers()] == ["FB", "META", "MSFT"]
