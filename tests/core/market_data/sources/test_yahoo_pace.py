"""Yahoo asked by many at once: in turn, within its limits, and each ticker with its own bars."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import NotFoundError, RateLimitedError, UnavailableError
from core.market_data.sources.rate_limit_state import RateLimitState
from core.market_data.sources.rate_limiter import OwnRateLimit, RateLimiter
from core.market_data.sources.yahoo import YahooSource
from core.reference.tickers import Ticker
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo

AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
AAPL, ZZZZ = map(Ticker.parse, ("AAPL", "ZZZZ"))
SYMBOLS = ["AAPL", "MSFT", "TSM", "NVDA", "2330.TW", "2317.TW", "0050.TW", "2454.TW"]


def fetched(source: YahooSource, ticker: Ticker) -> pd.DataFrame:
    return source.fetch(ticker, None, None, AT)


def test_tickers_are_asked_for_at_once_and_each_gets_its_own_bars(
    yahoo: FakeYahoo, tmp_path: Path
) -> None:
    """The fake answers none of four before all four have asked."""
    source = YahooSource(tmp_path, yahoo.url)
    yahoo.frames = {symbol: series(symbol, AT) for symbol in SYMBOLS}
    yahoo.together = threading.Barrier(4, timeout=120)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda symbol: fetched(source, Ticker.parse(symbol)), SYMBOLS))
    assert [yahoo.charts(symbol) for symbol in SYMBOLS] == [1] * 8
    for symbol, bars in zip(SYMBOLS, found, strict=True):
        assert set(bars["ticker"]) == {symbol}
        assert bars["close"].tolist() == yahoo.frames[symbol]["close"].tolist()


def test_refusals_of_tickers_asked_for_at_once_begin_one_rest(
    yahoo: FakeYahoo, tmp_path: Path
) -> None:
    state = OwnRateLimit()
    source = YahooSource(tmp_path, yahoo.url, pause=0.01, rate_limiter=RateLimiter(state))
    yahoo.fail("too many")

    def sentence(symbol: str) -> str:
        with pytest.raises(RateLimitedError) as caught:
            fetched(source, Ticker.parse(symbol))
        return caught.value.message

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(sentence, SYMBOLS))
    assert found == [f"Yahoo asks for fewer requests; {one} was not fetched." for one in SYMBOLS]
    assert state.read().rest_seconds == 60


def test_every_request_waits_for_its_turn_which_costs_no_ticker_its_time(
    yahoo: FakeYahoo, tmp_path: Path
) -> None:
    """Cookie, crumb and chart in a clock of the test's own, each 100 seconds after the other."""
    now, slept = [1_000_000.0], list[float]()

    def sleep(seconds: float) -> None:
        now[0] += seconds
        slept.append(seconds)

    yahoo.frames["AAPL"] = series("AAPL", AT)
    limiter = RateLimiter(OwnRateLimit(), 0.01, lambda: now[0], sleep)
    source = YahooSource(tmp_path, yahoo.url, rate_limiter=limiter)
    assert len(fetched(source, AAPL)) > 700
    assert len(yahoo.requests) >= 3 and slept == [100.0] * (len(yahoo.requests) - 1)


def test_after_a_rest_an_answer_of_any_kind_lets_all_ask_again(
    yahoo: FakeYahoo, tmp_path: Path
) -> None:
    state = OwnRateLimit()
    source = YahooSource(tmp_path, yahoo.url, pause=0.01, rate_limiter=RateLimiter(state))
    rested = RateLimitState(rest_until=1.0, rest_seconds=60.0, since=1.0, kind="RateLimitedError")
    state.change(lambda one: rested)
    with pytest.raises(NotFoundError):
        fetched(source, ZZZZ)
    assert state.read() == RateLimitState()
    state.change(lambda one: rested)
    yahoo.fail("unavailable")  # that is none
    with pytest.raises(UnavailableError):
        fetched(source, AAPL)
    assert state.read().rest_seconds == 120 and state.read().since == 1.0
