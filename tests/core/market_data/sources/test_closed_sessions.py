"""Which rows of a vendor's become bars."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from core.market_data.sources.closed_sessions import closed_sessions
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker


def rows(dates: list[str], closes: list[float], **more: object) -> pd.DataFrame:
    facts = {"open": closes, "high": closes, "low": closes, "close": closes, "volume": 8.0}
    facts |= {"session": pd.to_datetime(dates), "dividend": 0.0, "split_ratio": 1.0}
    return pd.DataFrame(facts | more)


def remaining(symbol: str, at: datetime, *dates: str) -> list[str]:
    market = Ticker.parse(symbol).market
    found = closed_sessions(rows(list(dates), [1.0] * len(dates)), market, at, SHIPPED)
    return [f"{session:%m-%d}" for session in found["session"]]


@pytest.mark.parametrize(
    ("symbol", "last", "minute_before", "from_then"),
    [
        ("AAPL", "2024-07-02", (2, 20, 29), (2, 20, 30)),  # 16:00 in New York, in summer
        ("AAPL", "2024-07-03", (3, 17, 29), (3, 17, 30)),  # closes at 13:00 before the holiday
        ("2330.TW", "2024-07-02", (2, 5, 59), (2, 6, 0)),  # 13:30 in Taipei
        ("BTC-USD", "2024-07-06", (7, 0, 29), (7, 0, 30)),  # a Saturday, to midnight
        ("EURUSD=X", "2024-07-02", (3, 0, 29), (3, 0, 30)),
    ],
)
def test_a_session_counts_half_an_hour_after_its_close(
    symbol: str, last: str, minute_before: tuple[int, int, int], from_then: tuple[int, int, int]
) -> None:
    early, late = (datetime(2024, 7, *time, tzinfo=UTC) for time in (minute_before, from_then))
    assert remaining(symbol, early, "2024-07-01", last) == ["07-01"]
    assert remaining(symbol, late, "2024-07-01", last) == ["07-01", last[5:]]


def test_a_date_in_the_future_is_no_bar_and_one_on_a_closed_day_is_for_the_checks() -> None:
    at = datetime(2024, 2, 8, tzinfo=UTC)
    assert remaining("AAPL", at, "2024-02-02", "2024-02-03", "2031-01-02") == ["02-02", "02-03"]
    assert remaining("2330.TW", at, "2013-02-23", "2013-02-24") == ["02-23", "02-24"]


def test_a_row_without_a_close_stays_on_a_session_and_says_nothing_on_another_day() -> None:
    given = rows(
        ["2024-01-02", "2024-01-03", "2024-01-06", "2024-01-08"],
        [50.0, np.nan, np.nan, 11.0],
        dividend=[0.0, 0.2, 0.1, 0.0],
        split_ratio=[1.0, 4.0, 1.0, 1.0],
    )
    found = closed_sessions(
        given, Ticker.parse("AAPL").market, datetime(2024, 2, 1, tzinfo=UTC), SHIPPED
    )
    np.testing.assert_array_equal(found["close"], [200.0, np.nan, 11.0])
    assert found["split_ratio"].tolist() == [1.0, 4.0, 1.0]
    assert found["dividend"].tolist() == pytest.approx([0.0, 0.2, 0.1])


def test_a_split_of_today_is_undone_before_today_s_bar_is_known() -> None:
    given = rows(["2024-07-01", "2024-07-02"], [25.0, 26.0], split_ratio=[1.0, 4.0])
    found = closed_sessions(
        given, Ticker.parse("AAPL").market, datetime(2024, 7, 2, 15, tzinfo=UTC), SHIPPED
    )
    assert found["close"].tolist() == [100.0] and found["split_ratio"].tolist() == [1.0]
