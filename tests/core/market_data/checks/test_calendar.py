"""Rows against the calendar, and against trading."""

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.calendar import calendar_findings
from core.market_data.checks.finding import CheckFinding
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.check_rows import AAPL, as_tuples, quiet

TSMC = Ticker.parse("2330.TW")


def padded(bars: pd.DataFrame, row: int, volume: float) -> pd.DataFrame:
    """A row that repeats the close before it."""
    changed = bars.copy()
    for name in ("open", "high", "low", "close"):
        changed.loc[row, name] = changed.loc[row - 1, "close"]
    changed.loc[row, "volume"] = volume
    return changed


def findings(bars: pd.DataFrame, ticker: Ticker) -> list[CheckFinding]:
    return calendar_findings(bars, ticker, SHIPPED[ticker.market.calendar])


def test_sessions_with_trading_are_not_named() -> None:
    assert findings(quiet(), AAPL) == []


def test_a_padded_holiday_and_a_saturday_with_trades() -> None:
    bars = quiet(40, end="2024-06-28")
    holiday = bars["session"].searchsorted(pd.Timestamp("2024-06-18"))
    assert bars["session"][holiday + 1] == pd.Timestamp("2024-06-20"), "Juneteenth lies between"
    bars.loc[holiday, "session"] = pd.Timestamp("2024-06-19")
    found = findings(padded(bars, holiday, 0.0), AAPL)
    assert [(one.code, one.rows.tolist()) for one in found] == [("closed", [holiday])]
    assert "repeats the close before" in found[0].reason
    found = findings(bars, AAPL)
    assert [(one.code, one.rows.tolist()) for one in found] == [("closed", [holiday])]
    assert "release it" in found[0].reason


def test_no_trade_on_a_session() -> None:
    bars = padded(padded(quiet(), 20, 0.0), 21, 0.0)
    assert as_tuples(bars, findings(bars, AAPL)) == [("volume", 20, 21, "prices")]


@pytest.mark.parametrize("symbol", ["TWD=X", "^GSPC", "BTC-USD"])
def test_where_no_volume_is_known_none_is_asked_for(symbol: str) -> None:
    ticker = Ticker.parse(symbol)
    bars = quiet(30, ticker).assign(volume=0.0)
    assert findings(bars, ticker) == []


def test_a_bar_that_repeats_the_one_before() -> None:
    bars = quiet()
    bars.loc[30, ["open", "high", "low", "close", "volume"]] = bars.loc[
        29, ["open", "high", "low", "close", "volume"]
    ]
    assert as_tuples(bars, findings(bars, AAPL)) == [("stale", 30, 30, "prices")]


def test_a_feed_of_closes_that_stands_still() -> None:
    bars = quiet().assign(open=np.nan, high=np.nan, low=np.nan, volume=np.nan)
    bars.loc[10:13, "close"] = 99.0
    assert findings(bars, AAPL) == [], "four alike may be"
    bars.loc[10:14, "close"] = 99.0
    assert as_tuples(bars, findings(bars, AAPL)) == [("stale", 11, 14, "prices")]


def test_a_small_volume_in_whole_lots_among_odd_ones() -> None:
    bars = quiet(60, TSMC)
    bars.loc[25, "volume"] = 300_000.0
    assert as_tuples(bars, findings(bars, TSMC)) == [("lots", 25, 25, "prices")]
    bars.loc[25, "volume"] = 1_200_000.0
    assert findings(bars, TSMC) == [], "as large as the others: chance"
    every = quiet(60, TSMC).assign(volume=1_000.0 * np.arange(100, 160))
    every.loc[25, "volume"] = 10_000.0
    assert findings(every, TSMC) == [], "this feed always counts in lots"
    old = quiet(60, TSMC, end="2019-06-28")
    old.loc[25, "volume"] = 300_000.0
    assert findings(old, TSMC) == [], "before odd lots were traded in the session"
