"""The back-fill of ClickHouse: nothing twice, nothing missing, and an outage harms nothing."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import StorageError
from core.foundation.settings import Settings
from core.market_data.ingest import WantedBars
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.clickhouse import ClickHouseBars
from core.market_data.lake.replicated_bar_store import MirroredBars
from core.market_data.replicate import Mirrored, mirror
from core.reference.renames import Renames
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.ingest import ingest
from core.workflows.score import score
from flows.summary import summary
from tests.support.bars import walk, walks
from tests.support.clickhouse.server import TIMEOUT_SECONDS, ClickHouse, clickhouse
from tests.support.homes import AT, closes

T0, T1, T2 = map(Ticker.parse, ("T0", "T1", "T2"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ClickHouse]:
    with clickhouse(tmp_path / "clickhouse") as running:
        yield running


@pytest.fixture
def lake(tmp_path: Path) -> ParquetBars:
    bars = ParquetBars(tmp_path / "bars")
    bars.upsert(walks(3, 50))
    return bars


@pytest.fixture
def copy(server: ClickHouse) -> ClickHouseBars:
    return ClickHouseBars(server.url, TIMEOUT_SECONDS)


def equal(lake: ParquetBars, copy: ClickHouseBars) -> bool:
    """Whether both hold the same, every revision of it."""
    for known_at in (None, pd.Timestamp("2024-07-02", tz="UTC")):
        ours, theirs = lake.load(known_at=known_at), copy.load(known_at=known_at)
        pd.testing.assert_frame_equal(theirs, ours, check_exact=True)
    counted = copy._ask("SELECT count() AS n FROM bars FINAL", {})["n"].iloc[0]
    stored = pd.concat([lake.revisions(ticker) for ticker in lake.tickers()])
    return bool(counted == len(stored[["ticker", "session", "ingested_at"]].drop_duplicates()))


def written(lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path) -> dict[str, int]:
    done = mirror(lake, copy, tmp_path / "lock")
    assert done.warning is None and done.failed == {}
    return done.written


def test_only_what_is_new_is_sent(lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path) -> None:
    assert written(lake, copy, tmp_path) == {"T0": 50, "T1": 50, "T2": 50}
    assert equal(lake, copy)
    assert written(lake, copy, tmp_path) == {}
    lake.upsert(closes("T1", [5.0, 6.0], start="2024-06-28", at="2024-07-03"))
    lake.upsert(closes("T2", [7.0], start="2024-04-30", at="2024-07-03"))
    assert written(lake, copy, tmp_path) == {"T1": 2, "T2": 1}
    assert equal(lake, copy)


def test_a_correction_known_no_later_is_sent_too(
    lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path
) -> None:
    written(lake, copy, tmp_path)
    lake.upsert(closes("T0", [5.0], start="2024-05-01", at="2024-06-01"))  # the clock went back
    lake.upsert(closes("T0", [6.0], start="2024-06-28", at="2024-06-01"))
    assert sum(written(lake, copy, tmp_path).values()) > 0
    assert equal(lake, copy)


def test_what_is_removed_goes_and_what_is_made_anew_replaces(
    lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path
) -> None:
    written(lake, copy, tmp_path)
    lake.remove(T0)
    lake.remove(T1)
    lake.upsert(walk("T1", 20, seed=9))
    done = mirror(lake, copy, tmp_path / "lock")
    assert (done.removed, done.written) == (["T0"], {"T1": 20})
    assert equal(lake, copy) and sorted(copy.stamps()) == [T1, T2]


def test_what_was_written_after_the_stamp_was_taken_is_seen_next_time(
    lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path
) -> None:
    def meanwhile(step: str, done: int, total: int) -> None:
        if done == 1:
            lake.upsert(closes("T1", [5.0], start="2024-07-01"))

    mirror(lake, copy, tmp_path / "lock", meanwhile)
    written(lake, copy, tmp_path)
    assert equal(lake, copy)


def test_an_outage_is_a_warning_and_the_next_run_fills_the_gap(
    lake: ParquetBars, copy: ClickHouseBars, server: ClickHouse, tmp_path: Path
) -> None:
    written(lake, copy, tmp_path)
    server.end()
    lake.upsert(closes("T1", [5.0], start="2024-07-01", at="2024-07-02"))
    done = mirror(lake, copy, tmp_path / "lock")
    assert done.to_dict() == {
        "status": "behind",
        "written": {},
        "removed": [],
        "failed": {},
        "warning": f"ClickHouse at 127.0.0.1:{server.port} does not answer. "
        "The bars are stored; its copy follows later.",
    }
    server.start()
    assert written(lake, copy, tmp_path) == {"T1": 1}
    assert equal(lake, copy)


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2, 0.4, 0.8])
def test_killed_half_way_it_is_whole_after_the_next_run(
    seconds: float, copy: ClickHouseBars, server: ClickHouse, tmp_path: Path
) -> None:
    lake = ParquetBars(tmp_path / "bars")
    lake.upsert(walks(8, 500))
    timer = threading.Timer(seconds, server.end)
    timer.start()
    mirror(lake, copy, tmp_path / "lock")
    timer.join()
    server.start()
    deadline = time.monotonic() + 30
    while mirror(lake, copy, tmp_path / "lock").warning:
        assert time.monotonic() < deadline
    assert equal(lake, copy)
    assert mirror(lake, copy, tmp_path / "lock") == Mirrored()


def test_the_copier_may_die_between_any_two_steps(
    lake: ParquetBars, server: ClickHouse, tmp_path: Path
) -> None:
    class Dies(ClickHouseBars):
        left = 0

        def _tell(self, method: str, *arguments: object) -> object:
            Dies.left -= 1
            if Dies.left == 0:
                raise StorageError("test.failure", "Gone.")
            return super()._tell(method, *arguments)

    copy, steps = ClickHouseBars(server.url, TIMEOUT_SECONDS), 0
    while True:
        steps += 1
        Dies.left = steps
        lake.remove(T0)
        lake.upsert(walk("T0", 30, seed=steps))
        lake.upsert(closes("T1", [float(steps)], start="2024-07-01", at=f"2024-08-{steps:02}"))
        interrupted = mirror(lake, Dies(server.url, TIMEOUT_SECONDS), tmp_path / "lock").warning
        written(lake, copy, tmp_path)
        assert equal(lake, copy)
        if not interrupted:
            break
    assert steps > 6


def test_two_at_once_are_one_after_the_other(
    lake: ParquetBars, server: ClickHouse, tmp_path: Path
) -> None:
    found: list[Mirrored] = []

    def one() -> None:
        found.append(mirror(lake, ClickHouseBars(server.url, TIMEOUT_SECONDS), tmp_path / "lock"))

    both = [threading.Thread(target=one) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(len(done.written) for done in found) == [0, 3]
    assert equal(lake, ClickHouseBars(server.url, TIMEOUT_SECONDS))


def test_what_cannot_be_copied_is_named_and_the_rest_is(
    lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path
) -> None:
    lake.upsert(closes("^OLD", [1.0], start="1899-12-29"))
    (tmp_path / "bars" / "T1.parquet").write_bytes(b"no bars")
    done = mirror(lake, copy, tmp_path / "lock")
    assert done.to_dict()["status"] == "partial" and sorted(done.written) == ["T0", "T2"]
    assert str(done.failed["^OLD"]).startswith(
        "^OLD has sessions before 1900, which ClickHouse cannot"
    )
    assert str(done.failed["T1"]).startswith("T1.parquet cannot be read")
    assert sorted(copy.stamps()) == [T0, T2]


def test_an_ingest_brings_the_copy_up_to_date(
    copy: ClickHouseBars, server: ClickHouse, tmp_path: Path
) -> None:
    workspace = Workspace(Settings(home=tmp_path, clickhouse_url=server.url))
    done = ingest(workspace, WantedBars(), "a test", AT).to_dict()
    assert len(done["mirror"]["written"]) == 6 and done["mirror"]["status"] == "ok"
    lake = ParquetBars(tmp_path / "bars")
    pd.testing.assert_frame_equal(copy.load(), lake.load(), check_exact=True)
    server.end()
    again = ingest(workspace, WantedBars(), "a test", AT).to_dict()
    assert again["status"] == "ok" and again["mirror"]["status"] == "behind"
    assert summary(again).startswith("Done. ClickHouse at 127.0.0.1:")


def test_scoring_reads_what_is_mirrored(server: ClickHouse, tmp_path: Path) -> None:
    workspace = Workspace(Settings(home=tmp_path, clickhouse_url=server.url))
    ingest(workspace, WantedBars(), "a test", AT)
    assert score(workspace, AT)["status"] == "ok"


def test_without_a_clickhouse_there_is_no_copying(tmp_path: Path) -> None:
    workspace = Workspace(Settings(home=tmp_path))
    assert "mirror" not in ingest(workspace, WantedBars(), "a test", AT).to_dict()


def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.cli import main

    monkeypatch.setenv("TICKERLENS_HOME", str(tmp_path))
    assert main(["mirror"]) == 1
    assert "TICKERLENS_CLICKHOUSE_URL is empty" in capsys.readouterr().err
    monkeypatch.setenv("TICKERLENS_CLICKHOUSE_URL", "http://127.0.0.1:9/bars")
    assert main(["mirror"]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_a_renamed_ticker_is_copied_under_its_new_symbol_and_back(
    lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path
) -> None:
    written(lake, copy, tmp_path)
    lake.upsert(closes("T9", [5.0, 6.0], start="2024-07-01", at="2024-07-03"))
    lake.renames = lambda: Renames((("T1", "T9"),))
    done = mirror(lake, copy, tmp_path / "lock")
    assert done.removed == ["T1"] and done.written == {"T9": 52} and equal(lake, copy)
    assert written(lake, copy, tmp_path) == {}
    lake.renames = Renames
    assert written(lake, copy, tmp_path) == {"T1": 50, "T9": 2} and equal(lake, copy)


def test_wide_reads_of_a_renamed_ticker_do_not_take_the_old_copy(
    server: ClickHouse, copy: ClickHouseBars, lake: ParquetBars, tmp_path: Path
) -> None:
    written(lake, copy, tmp_path)
    renames = Renames((("T1", "T9"),))
    wide = MirroredBars(tmp_path / "bars", copy, wide=1, renames=lambda: renames)
    expected = ["T0", "T2", "T9"]
    assert sorted(wide.load()["ticker"].unique()) == expected, "read from the lake"
    written(wide, copy, tmp_path)
    assert sorted(wide.load()["ticker"].unique()) == expected == sorted(map(str, copy.stamps()))
