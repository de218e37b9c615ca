"""`python -m flows ingest --source yahoo` as a person runs it, against a Yahoo on loopback."""

import json
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.settings import Settings
from core.market_data.ingest import WantedBars
from core.market_data.lake.bar_store import ParquetBars
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.backfill import backfill
from core.workflows.bars.ingest import ingest as run_ingest
from tests.support.commands import called, ended, run_command, started
from tests.support.homes import closes, file_bytes
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo, Mood

pytestmark = pytest.mark.slow
SOAK = pytest.mark.soak


def ingest(home: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return called(home, "ingest", "--source", "yahoo", *arguments, **at(home, url))


def at(home: Path, url: str) -> dict[str, str]:
    return {
        "TICKERLENS_YAHOO_URL": url,
        "TICKERLENS_YAHOO_RATE": "0",
        "HOME": str(home / "person"),
    }


@pytest.fixture
def known(yahoo: FakeYahoo) -> FakeYahoo:
    yahoo.frames = {symbol: series(symbol) for symbol in ("AAPL", "2330.TW")}
    return yahoo


@pytest.mark.parametrize(
    "zone", ["Asia/Taipei", *(pytest.param(one, marks=SOAK) for one in ("UTC", "America/New_York"))]
)
def test_stored_dates_do_not_depend_on_the_zone_of_the_host(
    known: FakeYahoo, tmp_path: Path, zone: str
) -> None:
    what = ("ingest", "--source", "yahoo", "--tickers", "AAPL,2330.TW")
    done = ended(started(tmp_path, *what, TZ=zone, **at(tmp_path, known.url)))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["status"], result["source"], result["failed"]) == ("ok", "yahoo", {})
    stored = ParquetBars(tmp_path / "bars")
    for symbol, wanted in known.frames.items():
        bars = stored.load(symbol, adjusted=False)
        assert bars["session"].tolist() == wanted["session"].tolist()
        assert bars["close"].tolist() == wanted["close"].tolist()
    assert (tmp_path / "yahoo").is_dir() and not (tmp_path / "person").exists()


def test_twice_is_once_and_without_names_it_is_what_is_tracked(
    known: FakeYahoo, tmp_path: Path
) -> None:
    nothing = ingest(tmp_path, known.url)
    assert nothing.returncode == 1
    assert nothing.stderr.startswith("No ticker of your own is tracked yet")
    assert ingest(tmp_path, known.url, "--tickers", "2330.TW").returncode == 0
    before = file_bytes(tmp_path / "bars")
    again = ingest(tmp_path, known.url)
    counts = json.loads(again.stdout.splitlines()[-1])["written"]
    assert counts == {"2330.TW": {"new": 0, "corrected": 0, "unchanged": 10}}
    assert file_bytes(tmp_path / "bars") == before


def test_what_did_not_come_is_asked_for_again_until_it_comes_or_is_removed(
    known: FakeYahoo, tmp_path: Path
) -> None:
    known.fail("unavailable", "AAPL")
    for failed, more in (("AAPL", ["--tickers", "AAPL,2330.TW"]), ("AAPL", [])):
        done = ingest(tmp_path, known.url, *more)
        assert list(json.loads(done.stdout.splitlines()[-1])["failed"]) == [failed]
    known.heal()
    result = json.loads(ingest(tmp_path, known.url).stdout.splitlines()[-1])
    assert result["written"]["AAPL"]["new"] > 200 and result["failed"] == {}
    known.fail("unavailable", "MSFT")
    assert ingest(tmp_path, known.url, "--tickers", "MSFT").returncode == 1
    assert run_command(tmp_path, "remove", "--tickers", "MSFT") == {"removed": ["MSFT"]}
    assert json.loads(ingest(tmp_path, known.url).stdout.splitlines()[-1])["failed"] == {}


def test_a_ticker_that_came_from_yahoo_is_asked_for_there_again(
    known: FakeYahoo, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, yahoo_url=known.url, yahoo_rate=0)
    tsmc = [Ticker.parse("2330.TW")]
    workspace, now = Workspace(settings), datetime.now(UTC)
    run_ingest(workspace, WantedBars(tsmc, "yahoo"), "test", now)
    again = run_ingest(workspace, WantedBars(tsmc), "test", now)
    assert again.ingested.source == "yahoo"
    filled = WantedBars(tsmc, start=pd.Timestamp("2024-01-02"))
    assert backfill(workspace, filled, "test", now)["source"] == "yahoo"


def test_one_unknown_ticker_makes_it_partial(known: FakeYahoo, tmp_path: Path) -> None:
    done = ingest(tmp_path, known.url, "--tickers", "ZZZZ,AAPL")
    result = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0 and result["status"] == "partial"
    assert list(result["written"]) == ["AAPL"]
    assert result["failed"] == {"ZZZZ": "Yahoo knows no ticker ZZZZ."}


@pytest.mark.parametrize(
    ("mood", "sentence"),
    [
        ("too many", "Yahoo asks for fewer requests; AAPL was not fetched.\n"),
        ("unavailable", "Yahoo is not available (HTTP 502); AAPL was not fetched.\n"),
        ("truncated", "Yahoo sent an answer that cannot be read; AAPL was not fetched.\n"),
        ("not found", "Yahoo knows no ticker AAPL.\n"),
    ],
)
def test_a_failure_is_one_sentence_and_every_stored_byte_stays(
    known: FakeYahoo, tmp_path: Path, mood: Mood, sentence: str
) -> None:
    ParquetBars(tmp_path / "bars").upsert(closes("AAPL", [1.0, 2.0], source="yahoo"))
    before = file_bytes(tmp_path / "bars")
    known.fail(mood)
    done = ingest(tmp_path, known.url, "--tickers", "AAPL")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
    assert file_bytes(tmp_path / "bars") == before


def test_a_dead_network_names_every_ticker_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    started = time.monotonic()
    done = ingest(tmp_path, url, "--tickers", "AAPL,MSFT,TSM,2330.TW")
    assert time.monotonic() - started < 120, "on a busy machine; 14 seconds on a quiet one"
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == (
        "Yahoo cannot be reached; AAPL was not fetched. So it was with MSFT, TSM, 2330.TW.\n"
    )


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1"])
def test_an_address_that_is_none_is_one_sentence(tmp_path: Path, url: str) -> None:
    done = ingest(tmp_path, url, "--tickers", "AAPL")
    assert done.returncode == 1 and done.stderr.startswith(f'yahoo_url is "{url}"; ')
    assert len(done.stderr.splitlines()) == 1


def test_a_market_is_fetched_alone(known: FakeYahoo, tmp_path: Path) -> None:
    assert ingest(tmp_path, known.url, "--tickers", "AAPL,2330.TW").returncode == 0
    done = ingest(tmp_path, known.url, "--market", "tw")
    assert list(json.loads(done.stdout.splitlines()[-1])["written"]) == ["2330.TW"]
    for market, sentence in (
        ("other", "No ticker of the market other is tracked.\n"),
        ("mars", 'There is no market "mars"; known are us, tw, other.\n'),
    ):
        assert ingest(tmp_path, known.url, "--market", market).stderr == sentence


def test_three_times_and_twice_at_once_are_once(known: FakeYahoo, tmp_path: Path) -> None:
    what, place = ("ingest", "--source", "yahoo", "--tickers", "AAPL,2330.TW"), tmp_path / "a"
    pair = [started(place, *what, **at(place, known.url)) for _ in range(2)]
    for done in map(ended, pair):
        assert done.returncode == 0, done.stderr
    for _ in range(3):
        assert ingest(tmp_path / "b", known.url, "--tickers", "AAPL,2330.TW").returncode == 0
    twice, thrice = (
        ParquetBars(tmp_path / name / "bars").load().drop(columns="ingested_at") for name in "ab"
    )
    assert len(twice) > 1400 and hash_of(twice) == hash_of(thrice)


def hash_of(bars: pd.DataFrame) -> int:
    return int(pd.util.hash_pandas_object(bars).sum())


def test_after_429_other_processes_leave_yahoo_alone_too(known: FakeYahoo, tmp_path: Path) -> None:
    known.fail("too many")
    assert ingest(tmp_path, known.url, "--tickers", "AAPL").returncode == 1
    known.heal()
    known.requests.clear()
    what = ("ingest", "--source", "yahoo", "--tickers", "2330.TW")
    done = ended(started(tmp_path, *what, **at(tmp_path, known.url)))
    assert done.stderr == "Yahoo asks for fewer requests; 2330.TW was not fetched.\n"
    assert known.requests == []


def test_a_killed_backfill_goes_on_where_it_was(known: FakeYahoo, tmp_path: Path) -> None:
    symbols = ["AAPL", "2330.TW", "MSFT", "TSM"]
    known.frames = {symbol: series(symbol) for symbol in symbols}
    span = (
        "--source",
        "yahoo",
        "--tickers",
        ",".join(symbols),
        "--start",
        "2025-01-02",
        "--end",
        "2025-06-30",
    )
    known.fail("stall", "MSFT")
    with started(tmp_path, "backfill", *span, **at(tmp_path, known.url)) as child:
        until(lambda: len(ParquetBars(tmp_path / "bars").tickers()) == 3 and done_in(tmp_path) == 3)
        child.kill()
    known.heal()
    known.requests.clear()
    again = run_command(tmp_path, "backfill", *span, **at(tmp_path, known.url))
    assert again["done_before"] == ["AAPL", "2330.TW", "TSM"] and again["status"] == "ok"
    assert list(again["written"]) == ["MSFT"] and again["written"]["MSFT"]["new"] > 100
    assert [known.charts(symbol) for symbol in symbols] == [0, 0, 1, 0]
    stored = ParquetBars(tmp_path / "bars").load(adjusted=False)
    for symbol, wanted in known.frames.items():
        span_of = wanted[wanted["session"].between("2025-01-02", "2025-06-30")]
        assert stored["close"][stored["ticker"] == symbol].tolist() == span_of["close"].tolist()


def done_in(home: Path) -> int:
    with closing(sqlite3.connect(home / "records.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM backfills").fetchone()[0])


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)
