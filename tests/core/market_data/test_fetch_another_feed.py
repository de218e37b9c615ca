"""A ticker stored from one feed and fetched from another: never half in the units of each."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market_data.fetch import fetch_and_store
from core.market_data.lake.bar_store import Upserted
from core.market_data.sources.exchange.twse import TwseSource
from core.market_data.sources.rate_limiter import RateLimiter
from core.market_data.sources.source_contract import Source
from core.market_data.sources.yahoo import YahooSource
from core.market_data.validate import Accepted
from core.reference.tickers import Ticker
from tests.support.exchange.server import FakeExchange
from tests.support.homes import Home
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo

AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
TSMC = Ticker.parse("2330.TW")
VALUES = ["session", "open", "high", "low", "close", "volume", "dividend", "split_ratio"]


@pytest.fixture
def feeds(yahoo: FakeYahoo, exchange: FakeExchange, tmp_path: Path) -> tuple[Source, Source]:
    whole = series("2330.TW", AT)
    yahoo.frames, exchange.frames = {"2330.TW": whole}, {"2330.TW": whole}
    return (
        YahooSource(tmp_path / "yahoo", yahoo.url, pause=0.01),
        TwseSource(exchange.url, pause=0.01, rate_limiter=RateLimiter()),
    )


def take(source: Source, home: Home, start: str | None = None) -> Upserted:
    first = None if start is None else pd.Timestamp(start)
    taken = dict(fetch_and_store(source, home.gateway, AT, [TSMC], first))[TSMC]
    assert isinstance(taken, Accepted), taken
    return taken.written


def test_the_first_fetch_from_another_feed_is_of_all_and_the_next_of_the_rest(
    feeds: tuple[Source, Source], exchange: FakeExchange, home: Home
) -> None:
    yahoo, twse = feeds
    take(yahoo, home)
    assert take(twse, home).new == 0
    months = len(exchange.months("2330.TW"))
    assert months > 36 and set(home.bars.load(adjusted=False)["source"]) == {"twse"}
    take(twse, home)
    assert len(exchange.months("2330.TW")) - months < 3
    stored = home.bars.load(adjusted=False)
    pd.testing.assert_frame_equal(stored[VALUES], exchange.frames["2330.TW"][VALUES])


@pytest.mark.parametrize("start", [None, "2026-10-01"])
def test_a_history_in_other_units_is_replaced_as_a_whole(
    feeds: tuple[Source, Source],
    yahoo: FakeYahoo,
    exchange: FakeExchange,
    home: Home,
    start: str | None,
) -> None:
    """Yahoo applied free shares to all prices before them, and does not list them."""
    applied, row = exchange.frames["2330.TW"], 720
    before, traded = np.arange(len(applied)) < row, applied.copy()
    for name in ("open", "high", "low", "close"):
        traded[name] = np.where(before, (applied[name] * 1.25).round(2), applied[name])
    traded.loc[row, "split_ratio"] = 1.25
    yahoo.frames, exchange.frames = {"2330.TW": applied}, {"2330.TW": traded}
    first, second = feeds
    take(first, home)
    take(second, home, start)
    stored = home.bars.load(adjusted=False)
    pd.testing.assert_frame_equal(stored[VALUES], traded[VALUES])
