"""Bars that contradict what is stored are a question, and what is stored stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from core.market_data.ingest import WantedBars, ingest
from core.market_data.review import discard, quality, release
from core.market_data.sources.csv_file import CsvSource
from core.market_data.validate import Accepted, validate_and_store
from core.reference.tickers import Ticker
from tests.support.check_rows import AAPL, quiet
from tests.support.homes import Home, file_bytes

FIELD = Path(__file__).parents[1] / "field"
AT = datetime(2026, 11, 27, 23, tzinfo=UTC)
LATER = AT + timedelta(days=1)
ABC = Ticker.parse("ABC")


def taken_in(home: Home, name: str) -> None:
    ingest(CsvSource(FIELD / name, ABC), home.gateway, AT, WantedBars(tickers=[ABC]))


def mixed(bars: pd.DataFrame, rows: slice, factor: float = 1.05) -> pd.DataFrame:
    """Prices of these rows off by no common ratio."""
    made = bars.copy()
    for number, row in enumerate(range(len(bars))[rows]):
        made.loc[row, ["open", "high", "low", "close"]] *= factor + 0.03 * number
    return made


def test_a_file_of_another_company_changes_nothing_and_asks_once(home: Home) -> None:
    taken_in(home, "10-base-600.csv")
    before = file_bytes(home.path / "bars")
    for _ in range(2):
        taken_in(home, "33-wrong-company-file.csv")
        assert file_bytes(home.path / "bars") == before
    (entry,) = home.quarantine.entries("ABC")
    assert (entry.code, entry.status) == ("contradiction", "open")
    assert "Of 59 sessions that are stored already 42 came" in entry.reason
    quality(home.gateway, LATER)
    assert home.quarantine.get(entry.id).status == "open", "a check of the stored proves nothing"


def test_released_it_counts_when_it_comes_again(home: Home) -> None:
    taken_in(home, "10-base-600.csv")
    taken_in(home, "33-wrong-company-file.csv")
    (entry,) = home.quarantine.entries("ABC")
    discard(home.gateway, home.audit, entry.id, "ann", "another company", LATER)
    before = home.bars.load([ABC])
    taken_in(home, "33-wrong-company-file.csv")
    pd.testing.assert_frame_equal(home.bars.load([ABC]), before)
    release(home.gateway, home.audit, entry.id, "ann", "the vendor was wrong before", LATER)
    taken_in(home, "33-wrong-company-file.csv")
    stored = home.bars.latest(ABC).set_index("session")
    assert stored.loc[pd.Timestamp("2026-08-28"), "close"] == 130.84


@pytest.mark.parametrize(
    ("rows", "factor", "asks"),
    [
        (slice(50, 60), 1.05, True),
        (slice(56, 60), 1.05, True),
        (slice(57, 60), 1.05, False),  # three of ten are no third
        (slice(50, 52), 1.05, False),  # and two are never many
        (slice(50, 60), 1.0, True),
    ],
)
def test_a_third_of_the_sessions_and_three_at_least(
    home: Home, rows: slice, factor: float, asks: bool
) -> None:
    validate_and_store(home.gateway, AAPL, quiet(), AT)
    done = validate_and_store(home.gateway, AAPL, mixed(quiet(), rows, factor)[50:], LATER)
    asked_about = [one for one in home.quarantine.entries() if one.code == "contradiction"]
    assert bool(asked_about) == asks
    assert (done == Accepted(held_back=10)) == asks


def test_a_correction_by_one_ratio_is_none(home: Home) -> None:
    validate_and_store(home.gateway, AAPL, quiet(), AT)
    rows = quiet()[50:].copy()
    rows[["open", "high", "low", "close"]] *= 1.04
    validate_and_store(home.gateway, AAPL, rows, LATER)
    assert [one for one in home.quarantine.entries() if one.code == "contradiction"] == []


def test_a_symbol_used_again_after_years_is_asked_about(home: Home) -> None:
    taken_in(home, "21-reused-ticker.csv")
    (entry,) = [one for one in home.quarantine.entries("ABC") if one.code == "step"]
    assert "another company under the same symbol" in entry.reason
    assert home.bars.load([ABC])["session"].min().date() == entry.first
