"""How far behind the bars are, counted by hand from the exchanges' calendars."""

from datetime import UTC, date, datetime

import pytest

from core.foundation.errors import StorageError
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.folder_objects import Folder
from core.market_data.lake.lake_index import NAME
from core.reference.session_overrides import Override, SessionChange
from core.reference.sessions import Calendars
from monitoring.bar_facts import BarFacts
from tests.support.homes import Home, closes
from tests.support.places import CountedObjects
from tests.support.scrape import Figures, collected

# Friday, an hour after New York's close. Monday the 10th was a holiday in Taiwan.
FRIDAY = datetime(2024, 6, 14, 21, 0, tzinfo=UTC)


def facts(home: Home, at: datetime = FRIDAY) -> Figures:
    return collected({"bars": BarFacts(lambda: home.bars)}, at)


def own(home: Home) -> None:
    home.bars.upsert(closes("AAPL", [1.0] * 5, source="csv"))  # to Friday the 7th
    home.bars.upsert(closes("MSFT", [1.0] * 9, source="csv"))  # to Thursday the 13th
    home.bars.upsert(closes("2330.TW", [1.0] * 5, source="csv"))  # to Friday the 7th


def test_an_empty_store_has_no_figures(home: Home) -> None:
    assert facts(home).names == {"tickerlens_up", "tickerlens_build_info"}


def test_freshness_is_of_the_ticker_furthest_behind(home: Home) -> None:
    own(home)
    found = facts(home)
    assert found.named("freshness_sessions") == {("us",): 5.0, ("tw",): 4.0}
    assert found.named("stale_tickers") == {("us",): 1.0, ("tw",): 1.0}
    assert found.named("tickers") == {("own", "us"): 2.0, ("own", "tw"): 1.0}


def test_a_session_counts_once_it_has_closed(home: Home) -> None:
    own(home)
    before = datetime(2024, 6, 14, 19, 59, tzinfo=UTC)
    assert facts(home, before).named("freshness_sessions") == {("us",): 4.0, ("tw",): 4.0}


def test_what_is_up_to_date_is_nothing_behind(home: Home) -> None:
    home.bars.upsert(closes("AAPL", [1.0] * 10, source="csv"))
    found = facts(home)
    assert found.named("freshness_sessions") == {("us",): 0.0}
    assert found.named("stale_tickers") == {("us",): 0.0}


def test_a_session_that_fell_away_makes_nothing_older_from_the_next_look_on(home: Home) -> None:
    own(home)
    storm = Override("XTAI", date(2024, 6, 12), SessionChange.REMOVED, "a storm")
    reads = iter([Calendars(), Calendars((storm,))])

    def read() -> Calendars:
        for found in reads:
            return found
        raise StorageError("test.away", "The records cannot be read.")

    bars = BarFacts(lambda: home.bars, read)
    behind = [
        collected({"bars": bars}, FRIDAY).named("freshness_sessions")["tw",] for _ in range(3)
    ]
    assert behind == [4.0, 3.0, 3.0], "what was known before counts where nothing can be read"


def test_two_sessions_behind_is_not_stale_and_three_is(home: Home) -> None:
    home.bars.upsert(closes("AAPL", [1.0] * 8, source="csv"))
    assert facts(home).named("stale_tickers") == {("us",): 0.0}
    home.bars.upsert(closes("IBM", [1.0] * 7, source="csv"))
    assert facts(home).named("stale_tickers") == {("us",): 1.0}


def test_the_newest_session_ages_from_its_close(home: Home) -> None:
    own(home)
    ages = facts(home).named("last_session_age_seconds")
    # New York closed on the 13th at 20:00 UTC, Taipei on the 7th at 05:30 UTC.
    assert ages == {("own", "us"): 25 * 3600.0, ("own", "tw"): 7 * 86400 + 15.5 * 3600}


def test_sample_tickers_are_counted_and_raise_no_freshness(home: Home) -> None:
    home.bars.upsert(closes("FB", [1.0] * 5, source="sample"))
    found = facts(home)
    assert found.named("tickers") == {("sample", "us"): 1.0}
    assert found.named("last_session_age_seconds")[("sample", "us")] > 0
    assert found.named("freshness_sessions") == {} and found.named("stale_tickers") == {}


def test_bars_older_than_the_calendar_have_no_age(home: Home) -> None:
    home.bars.upsert(closes("OLD", [1.0] * 5, start="1985-03-04", source="csv"))
    found = facts(home)
    assert found.named("last_session_age_seconds") == {}
    assert found.named("freshness_sessions")[("us",)] > 8000


def test_a_ticker_that_cannot_be_read_is_counted(home: Home) -> None:
    own(home)
    assert facts(home).named("damaged_tickers") == {(): 0.0}
    (home.path / "bars" / "AAPL.parquet").write_bytes(b"PAR1")
    found = facts(home)
    assert found.named("damaged_tickers") == {(): 1.0}
    assert found.named("tickers") == {("own", "us"): 1.0, ("own", "tw"): 1.0}


def test_bars_are_read_again_only_when_one_has_changed(home: Home) -> None:
    counted = CountedObjects(Folder(home.path / "bars"))
    read = BarFacts(lambda: ParquetBars(counted))
    own(home)
    for _ in range(3):
        collected({"bars": read}, FRIDAY)
    files = {f"{ticker}.parquet": 1 for ticker in home.bars.tickers()}
    assert counted.read_names == {NAME: 1, **files}
    home.bars.upsert(closes("IBM", [1.0], source="csv"))
    assert collected({"bars": read}, FRIDAY).named("tickers")[("own", "us")] == 3.0
    assert counted.read_names == {NAME: 2, **files, "IBM.parquet": 1}


@pytest.mark.parametrize("day", [15, 16])
def test_a_weekend_makes_nothing_older_in_sessions(home: Home, day: int) -> None:
    own(home)
    weekend = datetime(2024, 6, day, 12, 0, tzinfo=UTC)
    assert facts(home, weekend).named("freshness_sessions") == {("us",): 5.0, ("tw",): 4.0}
