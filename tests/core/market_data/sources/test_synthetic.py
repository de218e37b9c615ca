"""The invented Taiwan company keeps Taiwan's rules and says that it is invented."""

import exchange_calendars
import numpy as np
import pandas as pd
import pytest

from core.market_data.sources.sample import FILE, NAMES
from core.market_data.sources.synthetic import synthetic_bars
from core.reference.synthetic_ticker import SYNTHETIC


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    return synthetic_bars()


def reference(bars: pd.DataFrame) -> pd.Series:
    """The price a session's limits are measured from: the close before, less what went ex."""
    return (bars["close"].shift() - bars["dividend"]) / bars["split_ratio"]


def test_it_says_that_it_is_invented() -> None:
    assert "synthetic" in NAMES[SYNTHETIC.symbol]
    real = pd.read_csv(FILE, usecols=["Ticker"])["Ticker"].unique()
    assert SYNTHETIC.symbol not in real


def test_it_is_the_same_every_time(bars: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(synthetic_bars(), bars, check_exact=True)


MADE_UP = ["2009-01-17", "2012-02-04", "2012-03-03", "2012-12-22", "2013-02-23"]


def test_it_trades_on_every_session_of_taipei_and_on_no_other_day(bars: pd.DataFrame) -> None:
    first, last = bars["session"].iloc[[0, -1]]
    taipei = exchange_calendars.get_calendar("XTAI", start="2002-01-01", end="2014-01-01")
    listed = taipei.sessions_in_range(first, last)
    # Saturdays on which Taiwan made up sessions, which the library does not list.
    made_up = bars["session"][bars["session"].dt.weekday == 5]
    assert list(made_up.dt.strftime("%Y-%m-%d")) == MADE_UP
    assert list(bars["session"]) == list(listed.union(pd.DatetimeIndex(MADE_UP)))
    assert len(bars) > 2400


def test_every_price_is_within_the_day_s_limit(bars: pd.DataFrame) -> None:
    moves = bars[["open", "high", "low", "close"]].div(reference(bars), axis=0).iloc[1:] - 1.0
    assert moves.notna().all(axis=None)
    assert moves.abs().max(axis=None) <= 0.07


def test_prices_are_on_taiwan_s_ticks(bars: pd.DataFrame) -> None:
    for name in ("open", "high", "low", "close"):
        price = bars[name]
        assert price.between(10, 500).all()
        tick = np.where(price < 50, 0.05, np.where(price < 100, 0.1, 0.5))
        assert np.abs(price / tick - np.round(price / tick)).max() < 1e-6, name


def test_high_and_low_hold_the_others(bars: pd.DataFrame) -> None:
    assert (bars["high"] >= bars[["open", "close", "low"]].max(axis=1)).all()
    assert (bars["low"] <= bars[["open", "close", "high"]].min(axis=1)).all()
    assert (bars["volume"] > 0).all() and (bars["volume"] % 1000 == 0).all()


def test_one_dividend_a_year_and_one_split(bars: pd.DataFrame) -> None:
    paid = bars[bars["dividend"] > 0]
    assert list(paid["session"].dt.year) == list(range(2003, 2013))
    assert (
        list(bars["split_ratio"].unique()) == [1.0, 2.0] and (bars["split_ratio"] == 2).sum() == 1
    )


def test_volatility_clusters(bars: pd.DataFrame) -> None:
    moves = np.log(bars["close"] / reference(bars)).iloc[1:].abs()
    assert moves.autocorr(1) > 0.1 and 0.01 < moves.mean() < 0.02
