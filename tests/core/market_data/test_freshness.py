"""How fresh and how complete each ticker is, against dates read from a calendar by hand."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.messages import Message
from core.market_data.freshness import BarState, Coverage, coverage, freshness
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.records.ingest_log import IngestAttempt, IngestOutcome
from core.reference.sessions import SHIPPED
from tests.support.bars import frame
from tests.support.homes import Home

# A Friday, an hour after New York has closed; Good Friday was the 29th of March.
FRIDAY = datetime(2013, 4, 5, 21, 0, tzinfo=UTC)
WEEK = ["2013-04-01", "2013-04-02", "2013-04-03", "2013-04-04", "2013-04-05"]


def stored(home: Home, symbol: str, dates: list[str], source: str = "csv", **holds: str) -> None:
    """Bars on these dates; keywords such as d20130402="prices" hold some of them back."""
    sessions = [pd.Timestamp(date) for date in dates]
    bars = frame(symbol, sessions, [10.0 + k for k in range(len(dates))], source=source)
    column = [holds.get("d" + date.replace("-", ""), "") for date in dates]
    home.bars.upsert(bars.assign(held=column))


def only(home: Home) -> Coverage:
    (found,) = coverage(home.bars.summaries(), SHIPPED)
    return found


def test_what_is_stored_held_back_and_missing_is_counted(home: Home) -> None:
    dates = ["2013-03-28", "2013-03-29", "2013-04-01", "2013-04-03", "2013-04-04", "2013-04-05"]
    holds = {"d20130329": "all", "d20130403": "actions", "d20130405": "prices"}
    stored(home, "AAPL", dates, **holds)
    found = only(home)
    assert (found.held_back, found.missing) == (3, 1)  # the 2nd of April never came
    assert found.last == pd.Timestamp("2013-04-04") and found.newest == pd.Timestamp("2013-04-05")
    (one,) = freshness([found], {}, FRIDAY, SHIPPED)
    assert one.behind == 1 and not one.up_to_date and one.outcome is None
    assert one.closed_at == datetime(2013, 4, 4, 20, 0, tzinfo=UTC)
    assert [(f"{session:%m-%d}", how) for session, how in one.recent][-6:] == [
        ("03-28", BarState.STORED),
        ("04-01", BarState.STORED),
        ("04-02", BarState.MISSING),
        ("04-03", BarState.STORED),
        ("04-04", BarState.STORED),
        ("04-05", BarState.HELD_BACK),
    ]
    assert len(one.recent) == 10 and one.recent[0][1] == BarState.MISSING


@pytest.mark.parametrize(("last", "behind"), [(5, 0), (4, 1), (1, 4)])
def test_sessions_behind_the_latest_closed_one(home: Home, last: int, behind: int) -> None:
    stored(home, "AAPL", WEEK[:last])
    (found,) = freshness([only(home)], {}, FRIDAY, SHIPPED)
    assert found.behind == behind and found.up_to_date == (behind == 0)
    # Before the bell that ends it, the session of a day counts for nobody.
    (earlier,) = freshness([only(home)], {}, datetime(2013, 4, 5, 19, 0, tzinfo=UTC), SHIPPED)
    assert earlier.behind == max(0, behind - 1)


def test_the_worst_comes_first_and_the_sample_last(home: Home) -> None:
    stored(home, "A", WEEK)
    stored(home, "B", WEEK, d20130402="prices")
    stored(home, "C", WEEK[:3])
    stored(home, "D", WEEK)
    stored(home, "E", WEEK[:2], d20130401="all", d20130402="all")
    stored(home, "IBM", WEEK[:1], source="sample")
    ingest_log = {
        "D": IngestAttempt(FRIDAY, "D", "yahoo", IngestOutcome.UNAVAILABLE, Message("", "Silent."))
    }
    ingest_log["A"] = IngestAttempt(FRIDAY, "A", "yahoo", IngestOutcome.OK)
    found = freshness(coverage(home.bars.summaries(), SHIPPED), ingest_log, FRIDAY, SHIPPED)
    assert [one.coverage.ticker.symbol for one in found] == ["E", "C", "D", "B", "A", "IBM"]
    assert [one.behind for one in found] == [None, 2, 0, 0, 0, None]
    assert [one.up_to_date for one in found] == [False, False, True, True, True, True]
    assert found[0].closed_at is None and found[0].coverage.last is None
    assert found[2].outcome == ingest_log["D"]


def test_a_sample_is_never_behind_and_shows_its_own_last_sessions(home: Home) -> None:
    stored(home, "IBM", WEEK[:2], source="sample")
    (found,) = freshness([only(home)], {}, datetime(2026, 11, 20, tzinfo=UTC), SHIPPED)
    assert found.behind is None and found.up_to_date
    assert [how for _, how in found.recent] == [BarState.MISSING] * 8 + [BarState.STORED] * 2


def test_a_file_that_cannot_be_read_takes_nothing_else_with_it(home: Home) -> None:
    stored(home, "AAPL", WEEK)
    stored(home, "IBM", WEEK)
    (home.path / "bars" / "IBM.parquet").write_bytes(b"nothing")
    assert only(home).ticker.symbol == "AAPL"


def test_nothing_stored_is_no_row(tmp_path: Path) -> None:
    assert (
        coverage(ParquetBars(tmp_path).summaries(), SHIPPED) == []
        and freshness([], {}, FRIDAY, SHIPPED) == []
    )
