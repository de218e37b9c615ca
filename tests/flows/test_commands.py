"""The command line as a person or a script uses it: one JSON object, or one line on stderr."""

import json
import shutil
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.foundation.audit import Audit
from core.foundation.errors import InvalidInputError
from core.foundation.messages import Message
from core.foundation.settings import Settings
from core.foundation.sql.database import Database
from core.market_data.ingest import WantedBars
from core.market_data.lake.bar_store import ParquetBars
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.ingest import ingest
from core.workflows.forecast_summary import about
from flows.cli import main
from tests.support.bars import walk
from tests.support.commands import called, demo_home, run_command, started


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_home(tmp_path_factory)


def test_demo_ends_with_the_documented_object(home: Path) -> None:
    made = json.loads((home / "demo.json").read_text())
    assert made["ticker"] == "AAPL"
    assert set(made) >= {"ticker", "as_of", "last_close", "currency", "model", "predictions"}
    assert [one["horizon"] for one in made["predictions"]] == list(range(1, 21))
    known = {f"{session:%Y-%m-%d}" for session in SHIPPED["XNYS"].sessions}
    assert {one["target_session"] for one in made["predictions"]} <= known
    assert made["skill"]["n"] > 0


def test_ingesting_again_changes_nothing(home: Path) -> None:
    files = {path: path.read_bytes() for path in (home / "bars").glob("*.parquet")}
    assert len(files) == 6
    done = run_command(home, "ingest", "--source", "sample")
    assert {counts["new"] for counts in done["written"].values()} == {0}
    assert all(path.read_bytes() == before for path, before in files.items())


def test_forecasters_are_ranked_beside_their_baselines(home: Path) -> None:
    words = ("compare", "--models", "ewma,drift", "--sessions", "160", "--every", "16")
    done = called(home, *words)
    assert done.returncode == 0, done.stderr
    *table, result, last = done.stdout.splitlines()
    board = json.loads(last)["leaderboard"]
    assert {row["forecaster"] for row in board} == {"ewma", "drift", "constant_width"}
    losses = [row["pinball"] for row in board]
    assert losses == sorted(losses) and len(table) == 4
    for row, line in zip(board, table[1:], strict=True):
        assert line.startswith(row["forecaster"]) and f"{100 * row['skill']:+.2f}" in line
        assert line.split().count("itself") == (row["forecaster"] == "constant_width")
    one = board[0]
    assert one["tickers"] == 5, "an invented company ranks nobody"
    assert f"n {one['n']} of 5 tickers on {one['dates']} dates, {one['window']}, out of" in result
    assert not list((home / "proofs").rglob("*.parquet")), "nothing is left to go on from"
    by_horizon = json.loads(last)["by_horizon"]
    assert {row["horizons"] for row in by_horizon} == {"1", "5", "20"}
    pairs = json.loads(last)["pairwise"]
    assert all({"forecaster", "rival", "saved"} <= pair.keys() for pair in pairs)
    assert len(pairs) == 3 * 3, "each of three against two others and the random walk"
    assert all(pair["p"] is None or 0.0 <= pair["p"] <= 1.0 for pair in pairs)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--models", "oracle"], "oracle"),
        (["--models", ","], "Name at least one forecaster"),
        (["--every", "0"], "sessions from origin to origin must be above zero."),
        (["--sessions", "0"], "sessions to look at must be above zero."),
        (["--every", "x"], "not a count of sessions"),
        (["--scope", "TSLA"], "TSLA"),
    ],
)
def test_a_comparison_that_cannot_be_is_one_sentence(
    home: Path, words: list[str], expected: str
) -> None:
    done = called(home, "compare", *words)
    assert done.returncode == 1 and done.stdout == ""
    assert expected in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [("promote", "--version", "1"), ("train",)])
@pytest.mark.parametrize("reason", ["", "  "])
def test_who_moves_an_alias_says_why(home: Path, words: tuple[str, ...], reason: str) -> None:
    done = called(home, *words, "--reason", reason)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "A reason is needed: it stays on record.\n"


def test_a_reader_that_goes_away_early_is_no_error_to_read_about(home: Path) -> None:
    child = started(home, "sessions")
    assert child.stdout is not None and child.stderr is not None
    child.stdout.close()
    output = child.stderr.read()
    assert (child.wait(120), output) == (128 + signal.SIGPIPE, "")
    child.stderr.close()


def test_a_second_training_challenges_until_it_is_promoted(home: Path) -> None:
    first = json.loads((home / "demo.json").read_text())
    done = run_command(home, "train", "--reason", "again", "--scope", "all")
    assert (done["alias"], done["mlflow"]["added"]) == ("challenger", [2])
    assert done["mlflow"]["error"] == ""
    made = run_command(home, "forecast", "--tickers", "AAPL")["forecasts"][0]
    assert made["model"] == first["model"]
    moved = run_command(home, "promote", "--version", "2", "--reason", "to see it serve")
    assert moved["champion"] == "2" and moved["gate"] == done["gate"]
    made = run_command(home, "forecast", "--tickers", "AAPL")["forecasts"][0]
    assert made["model"]["version"] == "2"
    assert made["predictions"] == first["predictions"] and made["skill"] == first["skill"]
    assert done["gate"]["answer"] == "keep" and done["gate"]["kind"] == "refresh"
    assert run_command(home, "rollback", "--reason", "to see it return") == {
        "champion": "1",
        "instead_of": "2",
    }
    made = run_command(home, "forecast", "--tickers", "AAPL")["forecasts"][0]
    assert made["model"] == first["model"]
    actor = Audit(Database(f"sqlite:///{home / 'records.db'}")).latest(1)[0]
    assert (actor.action, actor.subject) == ("roll back", "version 1 for 2")
    assert actor.actor.startswith("command line (") and actor.reason == "to see it return"


def test_a_csv_of_ones_own_is_ingested_and_forecast(home: Path, tmp_path: Path) -> None:
    days = SHIPPED["XTAI"].sessions[-900:-500]
    rows = [f"{day:%Y-%m-%d},{p},{p + 1},{p - 1},{p},1000" for day, p in zip(days, range(500, 900))]
    file = tmp_path / "mine.csv"
    file.write_text("Date,Open,High,Low,Close,Volume\n" + "\n".join(rows))
    mine = tmp_path / "home"
    done = run_command(
        mine, "ingest", "--source", "csv", "--file", str(file), "--tickers", "2330.TW"
    )
    assert done["written"]["2330.TW"]["new"] == 400
    run_command(mine, "train")
    made = run_command(mine, "forecast", "--horizon", "2")["forecasts"][0]
    assert made["currency"] == "TWD" and len(made["predictions"]) == 2
    assert made["source"] == "csv"


def test_one_ticker_that_is_too_young_does_not_stop_the_others(home: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(home, tmp_path / "home"))
    assert run_command(mine, "forecast", "--tickers", "IBM,IBM")["status"] == "ok"
    ParquetBars(mine / "bars").upsert(walk("NEW", sessions=20))
    ParquetBars(mine / "bars").upsert(walk("YOUNG", sessions=40))
    made = run_command(mine, "forecast", "--tickers", "NEW,IBM,ZZZZ,YOUNG")
    assert made["status"] == "partial"
    assert [one["ticker"] for one in made["forecasts"]] == ["IBM", "YOUNG"]
    assert [bool(one["note"]) for one in made["forecasts"]] == [False, True]
    assert set(made["failed"]) == {"NEW", "ZZZZ"}
    assert all(name in sentence for name, sentence in made["failed"].items())


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("A needs 131 sessions.", "A needs 131 sessions."),
        ("Nothing is known of A.", "Nothing is known of A."),
        ("AAPL needs 131 sessions.", "A: AAPL needs 131 sessions."),
        ("No model was trained yet.", "A: No model was trained yet."),
    ],
)
def test_every_failure_names_its_ticker(sentence: str, expected: str) -> None:
    assert str(about(Ticker.parse("A"), Message.from_stored(sentence))) == expected


def test_removed_tickers_are_gone_and_on_record(home: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(home, tmp_path / "home"))
    assert called(mine, "remove", "--tickers", "IBM,ZZZZ").returncode == 1
    assert "IBM" in map(str, ParquetBars(mine / "bars").tickers())
    assert run_command(mine, "remove", "--tickers", "IBM,FB,IBM") == {"removed": ["IBM", "FB"]}
    left = {str(ticker) for ticker in ParquetBars(mine / "bars").tickers()}
    assert left and not left & {"IBM", "FB"}
    database = Database(f"sqlite:///{mine / 'records.db'}")
    latest = Audit(database).latest(2)
    assert [(one.action, one.subject) for one in latest] == [
        ("remove bars", "FB"),
        ("remove bars", "IBM"),
    ]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "command"),
        (("sing",), "sing"),
        (("ingest", "--source", "nowhere"), "nowhere"),
        (("ingest", "--source", "csv"), "--file"),
        (("ingest", "--source", "sample", "--file", "x"), "--file goes with --source csv."),
        (("ingest", "--file", "x"), "--file goes with --source csv."),
        (("ingest", "--source", "nowhere", "--file", "x"), "nowhere"),
        (("remove",), "--tickers"),
        (("remove", "--tickers", " "), "at least one ticker"),
        (("remove", "--tickers", "AAPL,ZZZZ"), "ZZZZ is not tracked here; nothing was removed."),
        (("forecast", "--tickers", "ZZZZ,YYYY"), "ZZZZ"),
        (("ingest", "--source", "csv", "--file", "/does/not/exist.csv"), "exist.csv"),
        (("ingest", "--tickers", "AAPL,../../etc/passwd"), "not a ticker"),
        (("ingest", "--tickers", "TSLA"), "TSLA"),
        (("ingest", "--start", "31/12/2012"), "not a date"),
        (("ingest", "--start", "2012-01-02", "--end", "2011-01-02"), "after end"),
        (("backfill",), "A backfill needs a first session; name it with --start."),
        (("forecast", "--tickers", "ZZZZ"), "ZZZZ"),
        (("forecast", "--horizon", "0"), "from 1 to 20"),
        (("forecast", "--horizon", "21"), "from 1 to 20"),
        (("forecast", "--horizon", "NaN"), "from 1 to 20"),
        (("forecast", "--horizon", "1e400"), "from 1 to 20"),
        (("train", "--model", "oracle"), "oracle"),
        (("train", "--scope", "../x"), "is not a ticker"),
        (("train", "--scope", "ZZZZ"), "ZZZZ"),
        (("promote", "--version", "99", "--reason", "x"), "no model version 99"),
        (("promote", "--version", "one", "--reason", "x"), "is not a model version"),
        (("promote", "--version", "1"), "--reason"),
        (("rollback",), "--reason"),
    ],
)
def test_bad_input_is_one_line_and_a_failing_exit(
    home: Path,
    arguments: tuple[str, ...],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TICKERLENS_HOME", str(home))
    assert main(list(arguments)) != 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert named in printed.err


def test_a_bad_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TICKERLENS_PORT", "many")
    assert main(["train"]) != 0
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 1 and "TICKERLENS_PORT" in printed.err


def test_the_nightly_work_runs_every_step_and_twice_changes_little(tmp_path: Path) -> None:
    done = run_command(tmp_path, "nightly")
    assert list(done) == ["status", "ingest", "train", "score", "monitor", "forecast", "failed"]
    assert (done["status"], done["failed"]) == ("ok", {})
    assert done["train"]["alias"] == "champion" and done["forecast"]["new_in_ledger"] == 6
    assert [one["name"] for one in done["monitor"]["signals"]] == [
        "data drift",
        "prediction drift",
        "performance decay",
    ]
    again = run_command(tmp_path, "nightly")
    assert "train" not in again and again["forecast"]["new_in_ledger"] == 0
    assert again["score"]["waiting"] == 6 * 20


def test_the_sample_does_not_slip_in_beside_bars_of_one_s_own(tmp_path: Path) -> None:
    bars = ParquetBars(tmp_path / "bars")
    bars.upsert(walk("TSM", sessions=40).assign(source="csv"))
    settings = Settings(home=tmp_path)
    with pytest.raises(InvalidInputError, match="^No tracked ticker came from Yahoo, so there is"):
        ingest(Workspace(settings), WantedBars(), "test", datetime.now(UTC))
    assert bars.tickers() == [Ticker.parse("TSM")]


def test_a_failing_step_of_the_night_is_named_and_stops_no_other(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Path(shutil.copytree(home, tmp_path / "home"))
    monkeypatch.setenv("TICKERLENS_SOURCE", "csv")  # which needs a file that nobody names here
    done = run_command(mine, "nightly")
    assert done["status"] == "partial" and list(done["failed"]) == ["ingest"]
    assert "needs a file" in done["failed"]["ingest"]
    assert done["forecast"]["status"] == "ok" and "ingest" not in done
