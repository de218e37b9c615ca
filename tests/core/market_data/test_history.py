"""A ticker's past: sessions that are missing, and weeks."""

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, NotFoundError
from core.market_data.history import history, weekly
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.bars import frame
from tests.support.homes import Home, closes

AAPL = Ticker.parse("AAPL")


def dates(*texts: str) -> list[pd.Timestamp]:
    return [pd.Timestamp(text) for text in texts]


def test_sessions_that_were_held_but_not_stored_are_missing(home: Home) -> None:
    stored = dates("2013-03-26", "2013-03-28", "2013-04-02")  # Good Friday was the 29th
    home.bars.upsert(frame("AAPL", stored, [1.0, 2.0, 3.0]))
    found = history(home.bars, AAPL, SHIPPED)
    assert list(found.missing) == dates("2013-03-27", "2013-04-01")
    assert list(found.bars["session"]) == stored and found.ticker == AAPL


def test_what_is_held_back_is_not_missing(home: Home) -> None:
    """Of four sessions and a holiday, the second and the last are held; the third never came."""
    stored = dates("2013-03-26", "2013-03-27", "2013-03-29", "2013-04-01", "2013-04-02")
    bars = frame("AAPL", stored, [1.0, 2.0, 3.0, 4.0, 5.0])
    home.bars.upsert(bars.assign(held=["", "prices", "all", "actions", "prices"]))
    found = history(home.bars, AAPL, SHIPPED)
    assert list(found.missing) == dates("2013-03-28")
    assert list(found.held_back) == dates("2013-03-27", "2013-04-02")
    assert list(found.newest_held_back) == dates("2013-04-02")
    before = history(home.bars, AAPL, SHIPPED, start=stored[1], end=stored[3])
    assert list(before.held_back) == dates("2013-03-27") and not len(before.newest_held_back)


def test_taipei_misses_no_session_over_lunar_new_year(home: Home) -> None:
    stored = dates("2013-02-06", "2013-02-18")
    home.bars.upsert(frame("2330.TW", stored, [1.0, 2.0]))
    assert len(history(home.bars, Ticker.parse("2330.TW"), SHIPPED).missing) == 0


def test_the_sample_misses_next_to_nothing(trained: Home) -> None:
    found = history(trained.bars, AAPL, SHIPPED)
    # All since the day the stock fell by half, which is asked about.
    assert len(found.bars) == 3122 and len(found.held_back) == 0
    assert [found.since] == list(dates("2000-09-29"))
    assert len(found.missing) <= 3


def test_why_nothing_is_read_is_said(home: Home) -> None:
    stored = dates("2013-03-26", "2013-03-27", "2013-03-28")
    bars = frame("AAPL", stored, [1.0, 2.0, 3.0])
    home.bars.upsert(bars.assign(held=["all", "all", ""]))
    early, late = pd.Timestamp("2013-03-27"), pd.Timestamp("2013-04-02")
    with pytest.raises(NotFoundError, match="^All 2 stored bars of AAPL .* are held back.$"):
        history(home.bars, AAPL, SHIPPED, end=early)
    with pytest.raises(NotFoundError, match="ones are from 2013-03-26 to 2013-03-28.$"):
        history(home.bars, AAPL, SHIPPED, start=late)
    with pytest.raises(InvalidInputError, match="^start 2013-04-02 is after end 2013-03-27.$"):
        history(home.bars, AAPL, SHIPPED, late, early)


def test_a_range_and_raw_prices(home: Home) -> None:
    home.bars.upsert(closes("AAPL", [100.0, 102.0, 51.0], split_ratio=[1.0, 1.0, 2.0]))
    day = pd.Timestamp("2024-06-04")
    assert list(history(home.bars, AAPL, SHIPPED, day, day).bars["close"]) == [51.0]
    assert list(history(home.bars, AAPL, SHIPPED, day, day, adjusted=False).bars["close"]) == [
        102.0
    ]


def test_no_bars_and_none_in_a_range_are_told_apart(home: Home) -> None:
    with pytest.raises(NotFoundError, match="^AAPL is not tracked here.$"):
        history(home.bars, AAPL, SHIPPED)
    home.bars.upsert(closes("AAPL", [1.0]))
    with pytest.raises(NotFoundError, match="^AAPL has no bars in that range; its stored "):
        history(home.bars, AAPL, SHIPPED, start=pd.Timestamp("2025-01-01"))


def test_a_week_by_hand() -> None:
    """Thursday and Friday, then a Tuesday to Wednesday around a holiday on Monday."""
    daily = frame(
        "AAPL",
        dates("2024-05-23", "2024-05-24", "2024-05-28", "2024-05-29"),
        [11.0, 12.0, 5.5, 6.5],
        open=[10.0, 11.0, np.nan, 5.6],
        high=[13.0, 12.5, 7.0, 6.8],
        low=[9.0, 10.5, 5.0, 4.5],
        volume=[100.0, 50.0, 30.0, 20.0],
        dividend=[0.2, 0.1, 0.0, 0.0],
        split_ratio=[1.0, 1.0, 2.0, 1.0],
    )
    expected = pd.DataFrame(
        {
            "session": dates("2024-05-24", "2024-05-29"),
            "open": [10.0, 5.6],
            "high": [13.0, 7.0],
            "low": [9.0, 4.5],
            "close": [12.0, 6.5],
            "volume": [150.0, 50.0],
            "dividend": [0.3, 0.0],
            "split_ratio": [1.0, 2.0],
        }
    )
    before = daily.copy(deep=True)
    pd.testing.assert_frame_equal(weekly(daily), expected, check_dtype=False)
    pd.testing.assert_frame_equal(daily, before)


def test_a_week_ends_on_sunday() -> None:
    daily = frame("BTC-USD", pd.date_range("2024-05-25", "2024-05-27"), [1.0, 2.0, 3.0])
    assert list(weekly(daily)["session"]) == dates("2024-05-26", "2024-05-27")
