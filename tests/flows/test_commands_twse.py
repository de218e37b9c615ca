"""`python -m flows ingest --source twse` as a person runs it, against exchanges on loopback."""

import json
from pathlib import Path

import pytest

from core.market_data.lake.bar_store import ParquetBars
from tests.support.commands import called
from tests.support.exchange.server import FakeExchange
from tests.support.homes import file_bytes

pytestmark = pytest.mark.slow


def at(url: str, **more: str) -> dict[str, str]:
    return {"TICKERLENS_TWSE_URL": url, "TICKERLENS_TWSE_SECONDS": "0", **more}


def test_a_ticker_of_taiwan_is_stored_and_a_failure_changes_nothing(
    exchange: FakeExchange, tmp_path: Path
) -> None:
    what = ("ingest", "--source", "twse", "--tickers", "2330.TW")
    done = called(tmp_path, *what, **at(exchange.url))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    count = len(exchange.frames["2330.TW"])
    assert (result["status"], result["source"]) == ("ok", "twse")
    assert result["written"]["2330.TW"]["new"] == count
    before = file_bytes(tmp_path / "bars")
    exchange.mood = "too many"
    failed = called(tmp_path, *what, **at(exchange.url))
    assert failed.returncode != 0 and "Traceback" not in failed.stderr
    assert failed.stderr == "TWSE asks for fewer requests; 2330.TW was not fetched.\n"
    assert file_bytes(tmp_path / "bars") == before
    assert len(ParquetBars(tmp_path / "bars").load("2330.TW")) == count


def test_a_source_or_setting_that_is_none_is_named(exchange: FakeExchange, tmp_path: Path) -> None:
    what = ("ingest", "--tickers", "2330.TW")
    named = called(tmp_path, *what, "--source", "tse", **at(exchange.url))
    assert named.stderr == ("There is no source tse; known are sample, csv, yahoo, twse, both.\n")
    setting = called(tmp_path, *what, **at(exchange.url, TICKERLENS_TW_SOURCE="tse"))
    assert setting.stderr.startswith('TICKERLENS_TW_SOURCE is "tse": ')
    address = called(tmp_path, *what, "--source", "twse", **at("localhost:1"))
    assert address.stderr.startswith('twse_url is "localhost:1"; it should look like ')
    assert exchange.requests == []
