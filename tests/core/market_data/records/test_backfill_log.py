"""What was filled is not filled again, and nothing else is taken for it."""

from dataclasses import replace
from datetime import date, timedelta

from core.foundation.sql.database import Database
from core.market_data.records.backfill_log import Backfills, Range
from tests.support.homes import AT


def test_a_range_is_done_if_one_backfill_covered_all_of_it(records_url: str) -> None:
    done = Backfills(Database(records_url))
    year = Range("yahoo", "AAPL", date(2020, 1, 1), date(2020, 12, 31))
    assert not done.is_done(year)
    done.add(year, AT)
    done.add(year, AT + timedelta(hours=1))
    inside = replace(year, first=date(2020, 2, 1), last=date(2020, 3, 1))
    assert done.is_done(year) and done.is_done(inside)
    for other in (
        replace(year, first=date(2019, 12, 31)),
        replace(year, last=date(2021, 1, 1)),
        replace(year, ticker="MSFT"),
        replace(year, source="csv"),
    ):
        assert not done.is_done(other)
