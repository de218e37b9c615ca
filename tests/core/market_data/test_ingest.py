"""Bars from a source into the lake: twice is once, one failure is not everybody's."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import (
    InvalidInputError,
    NotFoundError,
    SchemaError,
    SourceError,
    StorageError,
    TickerLensError,
)
from core.market_data.ingest import WantedBars, ingest
from core.market_data.lake.bar_store import Upserted
from core.market_data.records.quarantine import QuarantineStatus
from core.market_data.review import discard
from core.market_data.sources.csv_file import CsvSource
from core.market_data.sources.sample import SampleSource
from core.reference.tickers import Ticker
from tests.support.homes import AT, Home, closes, file_bytes

A, B, C = (Ticker.parse(symbol) for symbol in "ABC")


class Shelf:
    """A source that gives the frames it was given, and raises the errors it was given."""

    def __init__(self, name: str = "csv", **frames: pd.DataFrame | Exception) -> None:
        self.name = name
        self._frames = frames

    def tickers(self) -> list[Ticker]:
        return [Ticker.parse(symbol) for symbol in sorted(self._frames)]

    def fetch(
        self, ticker: Ticker, start: pd.Timestamp | None, end: pd.Timestamp | None, at: datetime
    ) -> pd.DataFrame:
        frame = self._frames[ticker.symbol]
        if isinstance(frame, Exception):
            raise frame
        return frame.assign(source=self.name, ingested_at=pd.Timestamp(at))


def test_ingesting_the_sample_twice_is_ingesting_it_once(home: Home) -> None:
    first = ingest(SampleSource(), home.gateway, AT)
    before = file_bytes(home.path / "bars")
    again = ingest(SampleSource(), home.gateway, datetime(2025, 1, 1, tzinfo=UTC))
    assert len(before) == 6 and file_bytes(home.path / "bars") == before
    assert first.to_dict()["status"] == "ok" and first.failed == again.failed == {}
    assert first.written["FB"] == Upserted(new=196) and again.written["FB"] == Upserted(
        unchanged=196
    )


def test_a_csv_file_of_the_user_s_own(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("Date,Open,High,Low,Close,Volume\n2024-01-02,1,2,0.5,1.5,100\n")
    source = CsvSource(path, A)
    for expected in (Upserted(new=1), Upserted(unchanged=1)):
        assert ingest(source, home.gateway, AT).written == {"A": expected}
    assert home.bars.load()["source"].item() == "csv"


def test_one_failure_names_its_ticker_and_keeps_the_rest(home: Home) -> None:
    source = Shelf(
        A=closes("A", [1.0]), B=SourceError("test.failure", "B timed out."), C=closes("C", [1.0])
    )
    done = ingest(source, home.gateway, AT)
    assert done.to_dict()["failed"] == {"B": "B timed out."} and list(done.written) == ["A", "C"]
    assert done.to_dict()["status"] == "partial"
    assert home.bars.tickers() == [A, C]


def test_when_all_fail_every_ticker_is_named_and_nothing_stored(home: Home) -> None:
    source = Shelf(
        A=SourceError("test.failure", "A timed out."),
        B=NotFoundError("test.failure", "B is unknown."),
    )
    with pytest.raises(SourceError, match="^A timed out. B is unknown.$"):
        ingest(source, home.gateway, AT)
    assert file_bytes(home.path / "bars") == {}


def test_bars_that_break_the_contract_are_kept_and_never_read(home: Home) -> None:
    done = ingest(Shelf(A=closes("A", [1.0]), B=closes("B", [1.0, -1.0])), home.gateway, AT)
    assert done.held_back == {"B": 1} and done.failed == {}
    assert home.bars.load(["B"])["close"].to_list() == [1.0]
    assert home.bars.latest(Ticker.parse("B"))["close"].to_list() == [1.0, -1.0]


def test_a_ticker_without_a_single_sound_bar_has_failed_and_keeps_them(home: Home) -> None:
    done = ingest(Shelf(A=closes("A", [1.0]), B=closes("B", [-1.0])), home.gateway, AT)
    assert str(done.failed["B"]).startswith("All 1 bars of B failed a check and are held back")
    assert len(home.bars.latest(Ticker.parse("B"))) == 1 and home.bars.load(["B"]).empty


def test_the_reason_stays_named_once_a_person_has_discarded_the_bars(home: Home) -> None:
    shelf = Shelf(A=closes("A", [1.0]), B=closes("B", [-1.0]))
    ingest(shelf, home.gateway, AT)
    (entry,) = home.quarantine.entries("B")
    discard(home.gateway, home.audit, entry.id, "ann", "no price", AT)
    again = ingest(shelf, home.gateway, AT)
    assert str(again.failed["B"]).endswith(f"are held back: {entry.reason}")


def test_a_damaged_file_is_that_ticker_s_failure(home: Home) -> None:
    ingest(Shelf(A=closes("A", [1.0]), B=closes("B", [1.0])), home.gateway, AT)
    (home.path / "bars" / "A.parquet").write_bytes(b"rubbish")
    done = ingest(Shelf(A=closes("A", [1.0]), B=closes("B", [1.0, 2.0])), home.gateway, AT)
    assert "A.parquet cannot be read" in str(done.failed["A"]) and done.written["B"].new == 1
    with pytest.raises(StorageError):
        home.bars.load([A])


@pytest.mark.parametrize(
    ("symbol", "at", "refused"),
    [
        ("A", datetime(2024, 7, 2, 2, tzinfo=UTC), "2024-07-03"),  # the 1st in New York
        ("2330.TW", datetime(2024, 7, 1, 17, tzinfo=UTC), "2024-07-04"),  # the 2nd in Taipei
    ],
)
def test_a_session_of_the_future_is_refused(
    symbol: str, at: datetime, refused: str, home: Home
) -> None:
    grace = f"{pd.Timestamp(refused) - pd.Timedelta(days=1):%Y-%m-%d}"
    with pytest.raises(SchemaError, match=f"^{symbol}: session {refused} lies in the future.$"):
        ingest(Shelf(**{symbol: closes(symbol, [1.0], start=refused)}), home.gateway, at)
    assert home.bars.tickers() == []
    ingest(Shelf(**{symbol: closes(symbol, [1.0], start=grace)}), home.gateway, at)
    assert home.bars.load()["session"].item() == pd.Timestamp(grace)


def test_bars_of_one_s_own_never_give_way_to_sample_ones(home: Home) -> None:
    ingest(Shelf("csv", A=closes("A", [1.0])), home.gateway, AT)
    before = file_bytes(home.path / "bars")
    with pytest.raises(InvalidInputError, match="A already holds .*ingesting it from sample.$"):
        ingest(Shelf("sample", A=closes("A", [1.0, 2.0])), home.gateway, AT)
    assert file_bytes(home.path / "bars") == before
    home.bars.remove(A)
    assert ingest(Shelf("sample", A=closes("A", [1.0])), home.gateway, AT).written["A"].new == 1


def test_sample_bars_give_way_to_fetched_ones_whole(home: Home) -> None:
    old = closes("A", [1.0, 2.0, 3.0, 0.0], start="2012-01-03")  # the last is held back
    ingest(Shelf("sample", A=old), home.gateway, AT)
    assert home.quarantine.entries("A", (QuarantineStatus.OPEN,))
    done = ingest(Shelf("yahoo", A=closes("A", [7.0, 8.0])), home.gateway, AT)
    assert done.written["A"] == Upserted(new=2)
    assert home.bars.load(adjusted=False)["close"].tolist() == [7.0, 8.0]
    assert set(home.bars.revisions(A)["source"]) == {"yahoo"}
    assert not home.quarantine.entries(
        "A", (QuarantineStatus.OPEN,)
    ), "what was noted was of bars that are gone"
    assert home.bars.latest(A)["source"].eq("yahoo").all()


@pytest.mark.parametrize(
    ("comes", "expected"),
    [
        (SourceError("test.failure", "A timed out."), "A timed out."),
        (closes("A", [1.0]).iloc[:0], "csv has no bars of A in that range."),
        (
            closes("A", [-1.0, 0.0]),
            "All 2 fetched bars of A failed a check, so its sample bars stay.",
        ),
    ],
)
def test_sample_bars_stay_until_others_are_there(comes: object, expected: str, home: Home) -> None:
    old = closes("A", [1.0, 2.0, 3.0, 0.0], start="2012-01-03")
    ingest(Shelf("sample", A=old), home.gateway, AT)
    before, noted = file_bytes(home.path / "bars"), home.quarantine.entries("A")
    with pytest.raises(TickerLensError) as caught:
        ingest(Shelf(A=comes), home.gateway, AT)  # type: ignore[arg-type]
    assert caught.value.message == expected
    assert file_bytes(home.path / "bars") == before and home.quarantine.entries("A") == noted


def test_nothing_named_and_a_range_turned_round_are_refused(home: Home) -> None:
    with pytest.raises(InvalidInputError, match="^No ticker was named.$"):
        ingest(SampleSource(), home.gateway, AT, WantedBars([]))
    first, last = pd.Timestamp("2012-01-02"), pd.Timestamp("2012-01-01")
    with pytest.raises(InvalidInputError, match="^start 2012-01-02 is after end 2012-01-01.$"):
        ingest(SampleSource(), home.gateway, AT, WantedBars(start=first, end=last))


REFUSED = [("TSLA", "is not in the sample data"), ("0700.XX", "no trading calendar for .XX")]


@pytest.mark.parametrize(("symbol", "what"), REFUSED)
def test_what_the_source_cannot_give_is_one_sentence(symbol: str, what: str, home: Home) -> None:
    with pytest.raises(TickerLensError, match=what):
        ingest(SampleSource(), home.gateway, AT, WantedBars([Ticker.parse(symbol)]))


def test_a_range_without_bars_is_said(home: Home) -> None:
    wanted = WantedBars([Ticker.parse("FB")], end=pd.Timestamp("2001-01-01"))
    with pytest.raises(NotFoundError, match="^sample has no bars of FB in that range.$"):
        ingest(SampleSource(), home.gateway, AT, wanted)


class Open(Shelf):
    """A source that cannot list what it holds."""

    def tickers(self) -> None:  # type: ignore[override]
        return None


def test_a_source_without_a_list_is_asked_for_what_is_tracked_but_the_sample(home: Home) -> None:
    home.bars.upsert(closes("A", [1.0], source="csv"))
    home.bars.upsert(closes("B", [1.0], source="sample"))
    done = ingest(Open(A=closes("A", [1.0, 2.0]), B=closes("B", [1.0])), home.gateway, AT)
    assert list(done.written) == ["A"] and done.failed == {}
    home.bars.remove(A)
    with pytest.raises(InvalidInputError, match="^No ticker of your own is tracked yet; name some"):
        ingest(Open(), home.gateway, AT)


def test_a_ticker_named_twice_is_fetched_once(home: Home) -> None:
    done = ingest(SampleSource(), home.gateway, AT, WantedBars([Ticker.parse("FB")] * 2))
    assert done.written == {"FB": Upserted(new=196)}


def test_progress_goes_up_to_the_end(home: Home) -> None:
    calls: list[tuple[object, ...]] = []
    report: Callable[..., None] = lambda *step: calls.append(step)  # noqa: E731
    ingest(Shelf(A=closes("A", [1.0]), B=closes("B", [1.0])), home.gateway, AT, progress=report)
    assert [step[1:] for step in calls] == [(0, 2), (1, 2, "A"), (2, 2, "B")]
