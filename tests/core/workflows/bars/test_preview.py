"""A preview says what an ingest would make of a file, and leaves nothing behind."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.foundation.errors import InvalidInputError, SchemaError
from core.market_data.ingest import WantedBars
from core.reference.tickers import Ticker
from core.workflows.bars.ingest import ingest
from core.workflows.bars.preview import preview
from flows.preview_text import understood
from tests.support.bars import walk
from tests.support.commands import called
from tests.support.homes import AT, Home, file_bytes, open_home

AAPL = Ticker.parse("AAPL")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def written(folder: Path, rows: slice, jump: float = 1.0) -> WantedBars:
    bars = walk("AAPL", 60)
    bars.loc[40:, ["open", "high", "low", "close"]] *= jump
    path = folder / f"{rows.start}-{rows.stop}.csv"
    bars.iloc[rows].drop(columns=["ticker", "source", "ingested_at"]).to_csv(path, index=False)
    return WantedBars([AAPL], "csv", (path,))


def test_it_counts_and_asks_as_the_ingest_that_follows(home: Home, tmp_path: Path) -> None:
    ingest(home, written(tmp_path, slice(0, 30)), "ann", AT, ask=False)
    before = file_bytes(home.path / "bars")
    wanted = written(tmp_path, slice(20, 60), jump=0.3)
    found = preview(home, wanted, AT)
    assert file_bytes(home.path / "bars") == before
    assert home.quarantine.entries("AAPL") == []
    (file,), one = found["files"], found["tickers"]["AAPL"]
    assert file["columns"][0] == {"column": "session", "read_as": "session"}
    assert (file["rows"], one["bars"], one["new"], one["corrected"]) == (40, 40, 30, 0)
    assert len(one["asks"]) > 0 and len(one["first"]) == len(one["last"]) == 3
    done = ingest(home, wanted, "ann", AT, ask=False).ingested
    assert (done.written["AAPL"].new, done.held_back["AAPL"]) == (one["new"], one["held_back"])
    assert [entry.reason for entry in home.quarantine.entries("AAPL")] == one["asks"]


def test_what_an_ingest_would_refuse_is_refused(home: Home, tmp_path: Path) -> None:
    file, later = tmp_path / "a.csv", AT.date() + timedelta(days=9)
    row = "1,2,0.5,1.5,7"
    file.write_text(f"Symbol,Date,Open,High,Low,Close,Volume\nAAPL,{later},{row}\n")
    wanted = WantedBars(None, "csv", (file,))
    for door in (preview, lambda *given: ingest(given[0], given[1], "ann", given[2])):
        with pytest.raises(SchemaError, match=f"^AAPL: session {later} lies in the future.$"):
            door(home, wanted, AT)
    rows = walk("IBM", 30).drop(columns=["source", "ingested_at"])
    rows.loc[30] = rows.loc[29].to_dict() | {"session": later, "ticker": "AAPL"}
    rows.to_csv(file, index=False)
    found = preview(home, wanted, AT)
    assert found["failed"] == {"AAPL": f"AAPL: session {later} lies in the future."}
    assert found["tickers"]["IBM"]["new"] == 30
    assert found["failed"]["AAPL"] in understood(found)


def test_bars_of_the_sample_give_way_as_they_do_when_stored(home: Home, tmp_path: Path) -> None:
    sample = walk("AAPL", 60).assign(source="sample")
    sample[["open", "high", "low", "close"]] *= 7
    home.bars.upsert(sample)
    one = preview(home, written(tmp_path, slice(0, 60)), AT)["tickers"]["AAPL"]
    done = ingest(home, written(tmp_path, slice(0, 60)), "ann", AT, ask=False).ingested
    counts = done.written["AAPL"]
    assert (one["new"], one["corrected"]) == (counts.new, counts.corrected)
    assert one["held_back"] == done.held_back.get("AAPL", 0) < 60


def test_it_is_for_files_alone(home: Home) -> None:
    with pytest.raises(InvalidInputError, match="--preview goes with --source csv."):
        preview(home, WantedBars([AAPL], "sample"), AT)


def test_the_command_prints_what_was_understood(tmp_path: Path) -> None:
    file = tmp_path / "month.csv"
    file.write_text(
        "115年11月 9998 測試公司 各日成交資訊\n日期,成交張數,開盤價,最高價,最低價,收盤價,\n"
        "115/11/24,1,20,21,19,20.5\n115/11/25,2,20,21,19,20.6\n"
    )
    home, words = tmp_path / "home", ("ingest", "--source", "csv", "--tickers", "9998.TW")
    done = called(home, *words, "--file", str(file), "--preview")
    assert done.returncode == 0, done.stderr
    assert "  成交張數 -> volume_thousands\n" in done.stdout
    assert "  session  open  high  low  close  volume  dividend  split_ratio\n" in done.stdout
    assert "  收盤價 -> close\n" in done.stdout and "  -> nothing" not in done.stdout
    assert "9998.TW: 2 bars, 2 new, 0 corrected, 0 held back\n" in done.stdout
    assert "  2026-11-25  20.0  21.0  19.0  20.6  2000.0  0.0  1.0\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith('{"status": "preview"')
    assert not (home / "bars").exists()


def test_what_a_person_says_of_a_file_reaches_the_reader(tmp_path: Path) -> None:
    file, home = tmp_path / "a.csv", tmp_path / "home"
    file.write_text("Date;Open;High;Low;Close;Volume\n03/04/2024;1,250;1,260;1,240;1,250;7\n")
    words = ["ingest", "--source", "csv", "--tickers", "AAPL", "--file", str(file), "--preview"]
    asked_for = {"--dates": "day-first", "--decimal": "comma", "--volume": "lots"}
    refused = called(home, *words)
    assert refused.returncode == 1 and "say --d" in refused.stderr
    done = called(home, *words, *(word for pair in asked_for.items() for word in pair))
    assert "  2024-04-03  1.25  1.26  1.24  1.25  7000.0  0.0  1.0\n" in done.stdout, done.stderr


def test_the_command_prints_how_tickers_were_read(tmp_path: Path) -> None:
    file, home = tmp_path / "a.csv", tmp_path / "home"
    file.write_text("Date,Open,High,Low,Close,Volume\n2026-11-24,1,2,0.5,1.5,7\n")
    words = ["ingest", "--source", "csv", "--file", str(file), "--preview"]
    named = called(home, *words, "--tickers", "TPE:6488")
    assert named.stdout.startswith("TPE:6488 was read as 6488.TWO 環球晶 GlobalWafers.\n")
    file.write_text("Symbol,Date,Open,High,Low,Close,Volume\n50,2026-11-24,1,2,0.5,1.5,7\n")
    inside = called(home, *words)
    assert "\n  50 was read as 0050.TW 元大台灣50 Yuanta Taiwan 50.\n" in inside.stdout
