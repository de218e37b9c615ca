"""The ledger from the command line: verified, shown, and what is too late for it named."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.sessions import sessions
from core.storage.bars import ParquetBars
from flows.work import summary
from tests.bars import walk
from tests.flows.commands import answer, called


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make demo` leaves it, with one forecast more: two, both of sample bars."""
    folder = tmp_path_factory.mktemp("ledger-home")
    assert called(folder, "demo").returncode == 0
    assert answer(folder, "forecast", "--tickers", "AAPL,IBM")["new_in_ledger"] == 1
    return folder


def changed(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "records.db")) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()


def test_who_served_what(home: Path) -> None:
    found = answer(home, "ledger", "show", "--tickers", "AAPL", "--date", "2013-03-01")["forecasts"]
    assert [one["ticker"] for one in found] == ["AAPL"]
    one = found[0]
    assert one["model"] == {"name": "har", "version": "1"} and one["kind"] == "sample"
    assert (one["as_of"], one["scored"], len(one["hash"])) == ("2013-03-01", 0, 64)
    assert answer(home, "ledger", "show", "--tickers", "AAPL", "--date", "2013-02-28") == {
        "forecasts": []
    }
    both = answer(home, "ledger", "show", "--tickers", "AAPL,IBM")["forecasts"]
    assert [one["id"] for one in both] == [1, 2]
    intact = answer(home, "ledger", "verify")
    assert intact["hash"]["forecasts"] == both[-1]["hash"]
    for kept in (both[0]["hash"], both[0]["hash"].upper()):
        assert answer(home, "ledger", "verify", "--hash", kept) == intact
    empty = answer(home, "ledger", "verify", "--hash", "0" * 64)
    assert empty.pop("note").endswith("so it proves nothing.") and empty == intact
    done = called(home, "ledger", "verify", "--hash", "f" * 64)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == (
        "No row has the hash ffffffffffff...: either it is not one that verify printed for this "
        "ledger, or rows were written anew since.\n"
    )


def test_verify_counts_then_names_the_first_broken_row(home: Path) -> None:
    intact = answer(home, "ledger", "verify")
    assert (intact["status"], intact["forecasts"], intact["scores"]) == ("intact", 2, 0)
    changed(home, "UPDATE forecasts SET last_close = last_close + 0.01 WHERE id = 1")
    done = called(home, "ledger", "verify")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "Forecast 1 (AAPL as of 2013-03-01) was changed after it was written.\n"
    changed(home, "UPDATE forecasts SET last_close = last_close - 0.01 WHERE id = 1")
    changed(home, "UPDATE forecasts SET kind = 'live' WHERE id = 2")
    done = called(home, "ledger", "verify")
    assert done.stderr == "Forecast 2 (IBM as of 2013-03-01) was changed after it was written.\n"
    changed(home, "UPDATE forecasts SET kind = 'sample' WHERE id = 2")
    assert answer(home, "ledger", "verify") == intact


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "action"),
        (("burn",), "burn"),
        (("show",), "--tickers"),
        (("show", "--tickers", "AAPL", "--date", "friday"), "not a date"),
        (("show", "--tickers", "AAPL,ZZZZ"), "ZZZZ is not tracked here, and the ledger holds no"),
        (("verify", "--tickers", "AAPL"), "checked whole; verify takes no --tickers."),
        (("verify", "--date", "2013-03-01"), "checked whole; verify takes no --date."),
        (("show", "--tickers", "AAPL", "--hash", "f" * 64), "show takes no --hash."),
        (("verify", "--hash", ""), "A hash is 64 hexadecimal digits, and this one has 0."),
        (("verify", "--hash", "f" * 63), "A hash is 64 hexadecimal digits, and this one has 63."),
        (("verify", "--hash", "o" * 64), "A hash is 64 hexadecimal digits, and 'o' is none."),
    ],
)
def test_a_question_that_is_none_is_one_sentence(
    home: Path, words: tuple[str, ...], said: str
) -> None:
    done = called(home, "ledger", *words)
    assert done.returncode == 1 and done.stdout == ""
    assert said in done.stderr and len(done.stderr.splitlines()) == 1


def test_of_whom_nothing_is_known_nothing_is_scored(home: Path) -> None:
    done = called(home, "score", "--tickers", "ZZZZ,ZZZZ")
    assert done.returncode == 1 and done.stdout == ""
    told = "ZZZZ is not tracked here, and the ledger holds no forecast of it."
    assert done.stderr == f"{told}\n"
    part = answer(home, "score", "--tickers", "AAPL,ZZZZ")
    assert (part["status"], part["failed"]) == ("partial", {"ZZZZ": told})
    stored = answer(home, "ledger", "show", "--tickers", "MSFT")
    assert stored == {"forecasts": []}
    assert answer(home, "score", "--tickers", "MSFT")["status"] == "ok"


def test_a_removed_ticker_is_still_scored_and_shown(home: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(home, tmp_path / "home"))
    answer(mine, "remove", "--tickers", "IBM")
    assert answer(mine, "score", "--tickers", "IBM")["failed"] == {}
    (one,) = answer(mine, "ledger", "show", "--tickers", "IBM")["forecasts"]
    assert one["ticker"] == "IBM"


def test_an_empty_ledger_is_intact(tmp_path: Path) -> None:
    found = answer(tmp_path, "ledger", "verify")
    assert (found["status"], found["forecasts"], found["scores"]) == ("intact", 0, 0)
    assert set(found["hash"].values()) == {"0" * 64}
    assert answer(tmp_path, "ledger", "verify", "--hash", "0" * 64).items() > found.items()


def test_a_forecast_from_old_bars_is_made_and_is_too_late_for_the_ledger(home: Path) -> None:
    days = sessions("XTAI")[-900:-500]
    bars = walk("2330.TW", sessions=len(days)).assign(source="csv", session=days)
    ParquetBars(home / "bars").upsert(bars)
    done = answer(home, "forecast", "--tickers", "2330.TW")
    assert (done["status"], done["new_in_ledger"], len(done["forecasts"])) == ("ok", 0, 1)
    assert list(done["late"]) == ["2330.TW"] and done["late"]["2330.TW"].endswith("; refused.")
    assert summary(done) == "Done. 1 too late for the ledger."
