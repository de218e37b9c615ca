"""The ledger from the command line: verified, shown, and what is too late for it named."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.market_data.lake.bar_store import ParquetBars
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.workflows.forecast import unrecorded
from flows.summary import summary
from tests.support.bars import timely, walk
from tests.support.commands import called, demo_home, run_command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make demo` leaves it, with one forecast more: two, both of sample bars."""
    folder = demo_home(tmp_path_factory)
    assert run_command(folder, "forecast", "--tickers", "AAPL,IBM")["new_in_ledger"] == 1
    return folder


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of one ticker of one's own, whose bars end years ago, and of a model."""
    folder = tmp_path_factory.mktemp("old-home")
    days = SHIPPED["XTAI"].sessions[-900:-500]
    bars = walk("2330.TW", sessions=len(days)).assign(source="csv", session=days)
    ParquetBars(folder / "bars").upsert(bars)
    run_command(folder, "train")
    return folder


def changed(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "records.db")) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()


def test_who_served_what(home: Path) -> None:
    found = run_command(home, "ledger", "show", "--tickers", "AAPL", "--date", "2013-03-01")[
        "forecasts"
    ]
    assert [one["ticker"] for one in found] == ["AAPL"]
    one = found[0]
    assert one["model"] == {"name": "har", "version": "1"} and one["kind"] == "sample"
    assert (one["as_of"], one["scored"], len(one["hash"])) == ("2013-03-01", 0, 64)
    assert run_command(home, "ledger", "show", "--tickers", "AAPL", "--date", "2013-02-28") == {
        "forecasts": []
    }
    both = run_command(home, "ledger", "show", "--tickers", "AAPL,IBM")["forecasts"]
    assert [one["id"] for one in both] == [1, 2]
    intact = run_command(home, "ledger", "verify")
    assert intact["hash"]["forecasts"] == both[-1]["hash"]
    for known in (both[0]["hash"], both[0]["hash"].upper()):
        assert run_command(home, "ledger", "verify", "--hash", known) == intact
    empty = run_command(home, "ledger", "verify", "--hash", "0" * 64)
    assert empty.pop("note").endswith("so it proves nothing.") and empty == intact
    done = called(home, "ledger", "verify", "--hash", "f" * 64)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == (
        "No row has the hash ffffffffffff...: either it is not one that verify printed for this "
        "ledger, or rows were written anew since.\n"
    )


def test_verify_counts_then_names_the_first_broken_row(home: Path) -> None:
    intact = run_command(home, "ledger", "verify")
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
    assert run_command(home, "ledger", "verify") == intact


@pytest.mark.parametrize(
    ("words", "expected"),
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
        (("verify", "--hash", "o" * 64), 'A hash is 64 hexadecimal digits, and "o" is none.'),
    ],
)
def test_a_question_that_is_none_is_one_sentence(
    home: Path, words: tuple[str, ...], expected: str
) -> None:
    done = called(home, "ledger", *words)
    assert done.returncode == 1 and done.stdout == ""
    assert expected in done.stderr and len(done.stderr.splitlines()) == 1


def test_of_whom_nothing_is_known_nothing_is_scored(home: Path) -> None:
    done = called(home, "score", "--tickers", "ZZZZ,ZZZZ")
    assert done.returncode == 1 and done.stdout == ""
    expected = "ZZZZ is not tracked here, and the ledger holds no forecast of it."
    assert done.stderr == f"{expected}\n"
    part = run_command(home, "score", "--tickers", "AAPL,ZZZZ")
    assert (part["status"], part["failed"]) == ("partial", {"ZZZZ": expected})
    stored = run_command(home, "ledger", "show", "--tickers", "MSFT")
    assert stored == {"forecasts": []}
    assert run_command(home, "score", "--tickers", "MSFT")["status"] == "ok"


def test_a_removed_ticker_is_still_scored_and_shown(home: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(home, tmp_path / "home"))
    run_command(mine, "remove", "--tickers", "IBM")
    assert run_command(mine, "score", "--tickers", "IBM")["failed"] == {}
    (one,) = run_command(mine, "ledger", "show", "--tickers", "IBM")["forecasts"]
    assert one["ticker"] == "IBM"


def test_an_empty_ledger_is_intact(tmp_path: Path) -> None:
    found = run_command(tmp_path, "ledger", "verify")
    assert (found["status"], found["forecasts"], found["scores"]) == ("intact", 0, 0)
    assert set(found["hash"].values()) == {"0" * 64}
    assert run_command(tmp_path, "ledger", "verify", "--hash", "0" * 64).items() > found.items()


def test_a_forecast_from_old_bars_is_made_and_is_too_late_for_the_ledger(old: Path) -> None:
    done = run_command(old, "forecast", "--tickers", "2330.TW")
    assert (done["status"], done["new_in_ledger"], len(done["forecasts"])) == ("partial", 0, 1)
    assert list(done["late"]) == ["2330.TW"] and done["late"]["2330.TW"].endswith("; refused.")
    expected = f"No forecast came into the ledger: {done['late']['2330.TW']}"
    assert summary(done) == str(unrecorded(done)) == expected


def test_a_night_whose_forecasts_are_all_refused_is_not_ok(old: Path) -> None:
    done = run_command(old, "nightly", TICKERLENS_SOURCE="csv")
    assert (done["status"], list(done["failed"])) == ("partial", ["ingest", "forecast"])
    assert done["failed"]["forecast"].startswith("No forecast came into the ledger: 2330.TW: its")
    assert done["forecast"]["new_in_ledger"] == 0


def test_a_forecast_of_a_ticker_too_young_for_the_model_is_kept_and_shown(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ParquetBars(home / "bars").upsert(
        timely({"OLD": 500, "YOUNG": 64, "1101.TW": 500, "1102.TW": 64})
    )
    run_command(home, "train")
    done = run_command(home, "forecast")
    assert done["status"] == "ok" and done["new_in_ledger"] == len(done["forecasts"]) >= 2
    young = [one["ticker"] for one in done["forecasts"] if one["ticker"] in ("YOUNG", "1102.TW")]
    assert (done["short_history"], done["fallback"]) == (young, []) and young
    (shown,) = run_command(home, "ledger", "show", "--tickers", young[0])["forecasts"]
    found = next(one for one in done["forecasts"] if one["ticker"] == young[0])
    assert (shown["kind"], shown["model"]) == ("fallback", found["model"])
    assert run_command(home, "forecast", "--tickers", young[0])["new_in_ledger"] == 0


def test_where_no_version_can_serve_the_command_names_the_fallback(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert called(home, "demo").returncode == 0
    for name, sessions_ in (("MINE", 300), ("YOUNG", 64)):
        ParquetBars(home / "bars").upsert(walk(name, sessions=sessions_).assign(source="csv"))
    done = run_command(home, "forecast", "--tickers", "MINE,YOUNG")
    assert (done["short_history"], done["fallback"]) == ([], ["MINE", "YOUNG"])


def test_late_forecasts_of_tickers_too_young_for_the_model_are_not_ok_either(old: Path) -> None:
    days = SHIPPED["XTAI"].sessions[-530:-500]
    bars = walk("2317.TW", sessions=len(days)).assign(source="csv", session=days)
    ParquetBars(old / "bars").upsert(bars)
    done = run_command(old, "forecast", "--tickers", "2317.TW")
    assert str(unrecorded(done)) == f"No forecast came into the ledger: {done['late']['2317.TW']}"
    both = str(unrecorded(run_command(old, "forecast")))
    assert both.endswith(" So it was with 1 more.")
    ParquetBars(old / "bars").remove(Ticker.parse("2317.TW"))


def test_of_sample_bars_a_fallback_s_forecast_is_not_kept(home: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(home, tmp_path / "home"))
    ParquetBars(mine / "bars").upsert(walk("9998.TW", sessions=40))
    done = run_command(mine, "forecast", "--tickers", "9998.TW")
    assert (done["new_in_ledger"], done["short_history"]) == (0, ["9998.TW"])
    assert "9998.TW needs at least" in str(unrecorded(done))


def test_scores_that_all_fail_are_a_failure(home: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(home, tmp_path / "home"))
    files = [path for path in (mine / "bars").rglob("*.parquet") if "AAPL" in str(path)]
    assert files
    for path in files:
        path.write_bytes(b"no bars")
    assert run_command(mine, "score")["status"] == "partial"
    done = called(mine, "score", "--tickers", "AAPL")
    assert done.returncode == 1 and done.stdout == "" and "AAPL" in done.stderr
