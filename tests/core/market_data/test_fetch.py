"""Only what is missing is fetched, and what is stored in the end is what a full fetch would store.

The real yfinance client against a Yahoo on loopback, which adjusts for splits as Yahoo does.
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import NoBarsError, TickerLensError
from core.market_data.fetch import OVERLAP, fetch_and_store, first_difference, in_other_units
from core.market_data.lake.bar_store import Upserted
from core.market_data.sources.yahoo import YahooSource
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.bars import frame
from tests.support.homes import Home, open_home
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo

AAPL = Ticker.parse("AAPL")
AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
VALUES = ["session", "open", "high", "low", "close", "volume", "dividend", "split_ratio"]


def take(
    yahoo: FakeYahoo, home: Home, at: datetime = AT, **span: pd.Timestamp | None
) -> Upserted | TickerLensError:
    source = YahooSource(home.path / "yahoo", yahoo.url, pause=0.01)
    taken = dict(fetch_and_store(source, home.gateway, at, [AAPL], **span))[AAPL]
    return taken if isinstance(taken, TickerLensError) else taken.written


def split(bars: pd.DataFrame, row: int) -> pd.DataFrame:
    """As traded with four new shares for an old one from that row on."""
    changed, before = bars.copy(), np.arange(len(bars)) < row
    for name in ("open", "high", "low", "close"):
        changed[name] = np.where(before, changed[name] * 4.0, changed[name])
    changed["volume"] = np.where(before, changed["volume"] / 4.0, changed["volume"])
    return changed


def evening(session: pd.Timestamp) -> datetime:
    after: datetime = (SHIPPED["XNYS"].closes_at(session) + pd.Timedelta(hours=1)).to_pydatetime()
    return after


def test_day_by_day_over_a_split_and_dividends_is_a_full_reload(
    yahoo: FakeYahoo, home: Home, tmp_path: Path
) -> None:
    whole = series("AAPL", AT).iloc[-60:].reset_index(drop=True)
    ratio, paid = np.ones(60), np.zeros(60)
    ratio[35], paid[[30, 35, 41]] = 4.0, [0.82, 0.21, 0.22]
    whole = split(whole.assign(split_ratio=ratio, dividend=paid), 35)
    for count in range(28, 61):
        yahoo.frames["AAPL"] = whole.iloc[:count].reset_index(drop=True)
        done = take(yahoo, home, evening(whole["session"][count - 1]))
        news = {28: Upserted(28)}.get(count, Upserted(1, 0, OVERLAP))
        assert done == news, whole["session"][count - 1]
    fresh = open_home(tmp_path / "fresh")
    take(yahoo, fresh)
    for adjusted in (False, True):
        found, wanted = (one.bars.load(adjusted=adjusted) for one in (home, fresh))
        pd.testing.assert_frame_equal(
            found.drop(columns="ingested_at"), wanted.drop(columns="ingested_at"), check_exact=True
        )
    pd.testing.assert_frame_equal(home.bars.load(adjusted=False)[VALUES], whole[VALUES])


def test_a_split_that_is_listed_late_is_put_right_in_the_whole_history(
    yahoo: FakeYahoo, home: Home
) -> None:
    whole = series("AAPL", AT).iloc[-60:].reset_index(drop=True)
    whole = split(
        whole.assign(split_ratio=np.where(np.arange(60) == 50, 4.0, 1.0), dividend=0.0), 50
    )
    yahoo.frames["AAPL"] = whole.iloc[:50].reset_index(drop=True)
    take(yahoo, home, evening(whole["session"][49]))
    silent = whole.iloc[:53].copy()
    silent.loc[:49, ["open", "high", "low", "close"]] /= 4.0
    silent["volume"] = np.where(np.arange(53) < 50, silent["volume"] * 4, silent["volume"])
    yahoo.frames["AAPL"] = silent.assign(split_ratio=1.0)
    assert take(yahoo, home, evening(whole["session"][52])) == Upserted(3, 50, 0)
    yahoo.frames["AAPL"] = whole
    assert take(yahoo, home) == Upserted(7, 51, 2)
    pd.testing.assert_frame_equal(home.bars.load(adjusted=False)[VALUES], whole[VALUES])


def test_one_corrected_session_is_a_revision_and_no_reason_to_fetch_all(
    yahoo: FakeYahoo, home: Home
) -> None:
    yahoo.frames["AAPL"] = series("AAPL", AT)
    take(yahoo, home)
    charts = yahoo.charts("AAPL")
    corrected = yahoo.frames["AAPL"].copy()
    corrected.loc[corrected.index[-3], "close"] = corrected["low"].iloc[-3]
    yahoo.frames["AAPL"] = corrected
    assert take(yahoo, home) == Upserted(0, 1, OVERLAP - 1)
    assert yahoo.charts("AAPL") == charts + 1


def test_fewer_sessions_than_stored_delete_nothing(yahoo: FakeYahoo, home: Home) -> None:
    yahoo.frames["AAPL"] = series("AAPL", AT)
    take(yahoo, home)
    before = home.bars.load(adjusted=False)
    yahoo.frames["AAPL"] = series("AAPL", AT).iloc[:-4]
    assert take(yahoo, home) == Upserted(0, 0, OVERLAP - 4)
    yahoo.fail("empty")
    failure = take(yahoo, home)
    assert isinstance(failure, NoBarsError) and "since 2026-11-09" in failure.message
    pd.testing.assert_frame_equal(home.bars.load(adjusted=False), before)


def test_a_weekend_brings_nothing_and_is_no_error(yahoo: FakeYahoo, home: Home) -> None:
    yahoo.frames["AAPL"] = series("AAPL", AT)
    take(yahoo, home)
    sunday = datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert take(yahoo, home, sunday) == Upserted(0, 0, OVERLAP)


def test_three_fetches_of_one_live_day_store_it_once_and_when_it_is_over(
    yahoo: FakeYahoo, home: Home
) -> None:
    """The half day after Thanksgiving closes at 13:00 in New York, 18:00 UTC."""
    half = datetime(2025, 11, 28, 23, tzinfo=UTC)
    before = series("AAPL", half - pd.Timedelta(days=1))
    level = round(float(before["close"].iloc[-1]))
    last = frame("AAPL", ["2025-11-28"], [level + 1.0], open=level, high=level + 2, low=level - 1)
    yahoo.frames["AAPL"] = before
    take(yahoo, home, half - pd.Timedelta(days=1))
    for when, price, new in (
        (half.replace(hour=16), level + 0.5, 0),
        (half.replace(hour=18, minute=5), level + 1.5, 0),
        (half.replace(hour=18, minute=30), level + 1.0, 1),
    ):
        yahoo.frames["AAPL"] = pd.concat([before, last.assign(close=price)], ignore_index=True)
        yahoo.live = {"AAPL"} if when.hour == 16 else set()
        done = take(yahoo, home, when)
        assert isinstance(done, Upserted) and (done.new, done.corrected) == (new, 0), done
    stored = home.bars.load(adjusted=False)
    assert (
        stored["close"].iloc[-1] == level + 1.0 and stored["session"].iloc[-1] == last["session"][0]
    )


def test_a_range_is_fetched_as_asked_beside_what_is_stored(yahoo: FakeYahoo, home: Home) -> None:
    yahoo.frames["AAPL"] = series("AAPL", AT)
    sessions = yahoo.frames["AAPL"]["session"]
    assert take(yahoo, home, start=sessions.iloc[-5]) == Upserted(5)
    assert take(yahoo, home, start=sessions.iloc[-30], end=sessions.iloc[-27]) == Upserted(4)
    pd.testing.assert_frame_equal(
        home.bars.load(adjusted=False)[VALUES],
        yahoo.frames["AAPL"]
        .iloc[[-30, -29, -28, -27, -5, -4, -3, -2, -1]][VALUES]
        .reset_index(drop=True),
    )


def stored_bars(closes: list[float], splits: list[float] | None = None) -> pd.DataFrame:
    ratios = splits or [1.0] * len(closes)
    return frame("A", pd.bdate_range("2024-01-01", periods=len(closes)), closes, split_ratio=ratios)


PRICES = [10.0, 10.2, 9.9, 10.1]


@pytest.mark.parametrize(
    ("fetched", "expected"),
    [
        (stored_bars(PRICES), False),
        (stored_bars([price / 4 for price in PRICES]), True),
        (
            stored_bars([price / 4 for price in PRICES[:3]] + PRICES[3:]),
            True,
        ),  # the split's own session
        (stored_bars([round(price / 7, 6) for price in PRICES]), True),
        (stored_bars([10.5, *PRICES[1:]]), False),
        (stored_bars([10.5, 10.71, *PRICES[2:]]), False),  # two are corrections, though alike
        (stored_bars([10.5, 10.1, 9.0, 10.0]), False),  # corrections, each by its own ratio
        (stored_bars([price * 1.00005 for price in PRICES]), False),  # rounding
        (stored_bars(PRICES, [1.0, 1.0, 2.0, 1.0]), True),
        (stored_bars(PRICES[:1]), False),
        (stored_bars([5.0]), True),
        (stored_bars([]), False),
    ],
)
def test_other_units_are_told_from_corrections(fetched: pd.DataFrame, expected: bool) -> None:
    assert in_other_units(fetched, stored_bars(PRICES).assign(held="")) is expected


def test_prices_that_are_held_back_say_nothing_of_units() -> None:
    stored = stored_bars([1000.0, 1020.0, 990.0, 10.1]).assign(held=["prices", "all", "prices", ""])
    assert not in_other_units(stored_bars(PRICES), stored)


@pytest.mark.parametrize(
    ("factor", "ratio", "day"),
    [
        ([1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], None),
        ([1.0, 1.019, 0.982, 1.0], [1.0, 1.0, 1.0, 1.0], None),  # late trades
        ([1.0, 1.0, 0.97, 1.5], [1.0, 1.0, 1.0, 1.0], 2),
        ([1.0, 0.999, 0.999, 0.999], [1.0, 1.0, 1.0, 1.0], 1),  # in other units
        ([1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 4.0, 1.0], 2),
        ([100.0, 100.0, 100.0, 100.0], [1.0, 1.0, 1.0, 1.0], 0),
    ],
)
def test_the_first_session_is_named_in_which_two_series_differ(
    factor: list[float], ratio: list[float], day: int | None
) -> None:
    days = pd.bdate_range("2026-11-02", periods=4)
    older = frame("FB", days, [10.0, 11.0, 12.0, 13.0]).assign(held="")
    changed = older["close"] * factor
    newer = older.assign(ticker="META", close=changed, split_ratio=ratio)
    found = first_difference(older, newer)
    assert (found is None) == (day is None)
    if found is not None and day is not None:
        assert found.session == days[day] and found.splits == (1.0, ratio[day])
        assert found.closes == (older["close"][day], changed[day])
    assert first_difference(older, newer.assign(held="prices")) is None
    assert first_difference(older.head(0), newer) is None
