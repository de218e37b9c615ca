"""Which tickers the run of a market fetches: every one is in exactly one."""

import pytest

from core.foundation.errors import InvalidInputError
from core.reference.scope import MARKETS, OTHER, in_market
from core.reference.tickers import Ticker

ALL = [Ticker.parse(s) for s in ("AAPL", "2330.TW", "6488.TWO", "TWD=X", "BTC-USD", "^TWII")]


def test_every_ticker_is_of_exactly_one_market() -> None:
    found = {market: list(map(str, in_market(market, ALL))) for market in (*MARKETS, OTHER)}
    assert found == {
        "us": ["AAPL"],
        "tw": ["2330.TW", "6488.TWO", "^TWII"],
        "other": ["TWD=X", "BTC-USD"],
    }


def test_an_unknown_market_and_one_without_tickers_are_refused() -> None:
    with pytest.raises(InvalidInputError, match='no market "mars"; known are us, tw, other.$'):
        in_market("mars", ALL)
    with pytest.raises(InvalidInputError, match="^No ticker of the market tw is tracked.$"):
        in_market("tw", ALL[:1])
