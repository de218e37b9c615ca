"""A past range is filled once, what fails is named, and what was removed is filled again."""

from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, NotFoundError, SourceError
from core.market_data.backfill import Backfilled, backfill
from core.market_data.ingest import WantedBars
from core.market_data.lake.bar_store import Upserted
from core.market_data.records.backfill_log import Backfills
from core.market_data.records.ingest_log import IngestLog, IngestOutcome
from core.reference.tickers import Ticker
from tests.core.market_data.test_ingest import Shelf
from tests.support.homes import AT, Home, closes

A, B = Ticker.parse("A"), Ticker.parse("B")
START = pd.Timestamp("2024-06-03")


def fill(home: Home, source: Shelf, again: bool = False, start: pd.Timestamp = START) -> Backfilled:
    done, ingest_log = Backfills(home.database), IngestLog(home.database)
    wanted = WantedBars([A, B], start=start, again=again)
    return backfill(source, home.gateway, done, ingest_log, AT, wanted)


def shelf(**more: pd.DataFrame | Exception) -> Shelf:
    return Shelf(**{"A": closes("A", [1.0, 2.0]), "B": closes("B", [1.0]), **more})


def test_what_is_done_is_not_fetched_again_unless_asked_for(home: Home) -> None:
    assert fill(home, shelf()).written == {"A": Upserted(2), "B": Upserted(1)}
    refusing = shelf(
        A=SourceError("test.failure", "A timed out."), B=SourceError("test.failure", "B timed out.")
    )
    again = fill(home, refusing)
    assert again.done_before == ["A", "B"] and again.written == again.errors == {}
    assert fill(home, shelf(), again=True).written == {
        "A": Upserted(unchanged=2),
        "B": Upserted(unchanged=1),
    }
    earlier = fill(home, shelf(), start=pd.Timestamp("2024-05-01"))
    assert earlier.done_before == []


def test_a_failure_is_named_and_only_it_is_left(home: Home) -> None:
    first = fill(home, shelf(B=SourceError("test.failure", "B timed out.")))
    assert first.to_dict()["status"] == "partial"
    assert first.to_dict()["failed"] == {"B": "B timed out."}
    second = fill(home, shelf())
    assert second.done_before == ["A"] and list(second.written) == ["B"]
    kinds = [one.outcome for one in IngestLog(home.database).latest("B")]
    assert kinds == [IngestOutcome.OK, IngestOutcome.UNAVAILABLE]


def test_when_all_fail_every_ticker_is_named(home: Home) -> None:
    refusing = shelf(
        A=SourceError("test.failure", "A timed out."),
        B=NotFoundError("test.failure", "B is unknown."),
    )
    with pytest.raises(SourceError, match="^A timed out. B is unknown.$"):
        fill(home, refusing)


def test_bars_that_were_removed_are_filled_again(home: Home) -> None:
    fill(home, shelf())
    home.bars.remove(A)
    assert list(fill(home, shelf()).written) == ["A"]


def test_a_range_turned_round_is_refused(home: Home, tmp_path: Path) -> None:
    done, ingest_log = Backfills(home.database), IngestLog(home.database)
    wanted = WantedBars([A], start=START, end=START - pd.Timedelta(days=1))
    with pytest.raises(InvalidInputError, match="is after end"):
        backfill(shelf(), home.gateway, done, ingest_log, AT, wanted)


def test_a_range_that_lies_in_the_future_is_refused(home: Home) -> None:
    with pytest.raises(InvalidInputError, match="start 2099-01-01 lies in the future"):
        fill(home, shelf(), start=pd.Timestamp("2099-01-01"))
