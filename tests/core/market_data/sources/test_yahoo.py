"""The real yfinance against a Yahoo on loopback: bars as they were, and typed failures."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import (
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    SourceError,
    TickerLensError,
    UnavailableError,
)
from core.market_data.sources.yahoo import YahooSource
from core.market_data.sources.yahoo_client import sent_to
from core.reference.schema import BAR_COLUMNS
from core.reference.tickers import Ticker
from tests.support.bars import frame
from tests.support.yahoo import bodies
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo, Mood

AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
VALUES = ["session", "open", "high", "low", "close", "volume", "dividend", "split_ratio"]
AAPL, TSMC, ZZZZ = map(Ticker.parse, ("AAPL", "2330.TW", "ZZZZ"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("yfinance")


@pytest.fixture
def source(yahoo: FakeYahoo, folder: Path) -> YahooSource:
    yahoo.frames = {symbol: series(symbol, AT) for symbol in ("AAPL", "2330.TW")}
    return YahooSource(folder, yahoo.url, pause=0.01)


def fetched(source: YahooSource, ticker: Ticker, at: datetime = AT) -> pd.DataFrame:
    return source.fetch(ticker, None, None, at)


@pytest.mark.parametrize("ticker", [AAPL, TSMC], ids=str)
def test_bars_come_back_as_they_were_traded(
    source: YahooSource, yahoo: FakeYahoo, ticker: Ticker
) -> None:
    found, wanted = fetched(source, ticker), yahoo.frames[ticker.symbol]
    assert len(found) > 700 and (found["split_ratio"] == 2).sum() == 1
    pd.testing.assert_frame_equal(found[VALUES], wanted[VALUES], check_dtype=False)
    assert set(found["source"]) == {"yahoo"} and set(found["ingested_at"]) == {pd.Timestamp(AT)}


def test_a_range_is_cut_after_later_splits_were_undone(
    source: YahooSource, yahoo: FakeYahoo
) -> None:
    wanted = yahoo.frames["AAPL"]
    start, end = wanted["session"].iloc[100], wanted["session"].iloc[120]
    found = source.fetch(AAPL, start, end, AT)
    pd.testing.assert_frame_equal(
        found[VALUES], wanted[100:121][VALUES].reset_index(drop=True), check_dtype=False
    )


def test_a_split_that_comes_later_corrects_nothing(source: YahooSource, yahoo: FakeYahoo) -> None:
    before = fetched(source, AAPL)
    ratios = yahoo.frames["AAPL"]["split_ratio"].to_numpy().copy()
    ratios[-1] = 20.0
    yahoo.frames["AAPL"] = yahoo.frames["AAPL"].assign(split_ratio=ratios)
    after = fetched(source, AAPL)
    stored = list(BAR_COLUMNS)  # the vendor's own adjusted close is not
    pd.testing.assert_frame_equal(before[stored][:-1], after[stored][:-1])
    assert after["split_ratio"].iloc[-1] == 20


def test_a_session_under_way_is_no_bar_and_one_without_prices_has_none(
    source: YahooSource, yahoo: FakeYahoo
) -> None:
    last = yahoo.frames["AAPL"]["session"].iloc[-1]
    assert last == pd.Timestamp("2026-11-20")
    yahoo.live.add("AAPL")
    during = fetched(source, AAPL, datetime(2026, 11, 20, 17, tzinfo=UTC))
    assert during["session"].iloc[-1] == pd.Timestamp("2026-11-19")
    assert fetched(source, AAPL)["session"].iloc[-1] == last
    yahoo.live.clear()
    yahoo.nan_last.add("AAPL")
    empty = fetched(source, AAPL).iloc[-1]
    assert empty["session"] == last and np.isnan(empty["close"])


def test_an_fx_volume_that_yahoo_does_not_have_is_unknown(
    source: YahooSource, yahoo: FakeYahoo
) -> None:
    dates = pd.bdate_range("2026-06-01", "2026-06-30")
    closes = np.round(np.linspace(1.1, 1.2, len(dates)), 4)
    yahoo.frames["EURUSD=X"] = frame("EURUSD=X", dates, closes, volume=0.0)
    found = fetched(source, Ticker.parse("EURUSD=X"))
    assert found["session"].tolist() == list(dates) and found["close"].tolist() == list(closes)
    assert found["volume"].isna().all()


FAILURES: list[tuple[Mood, type[TickerLensError], str]] = [
    ("too many", RateLimitedError, "Yahoo asks for fewer requests; AAPL was not fetched."),
    ("unavailable", UnavailableError, "Yahoo is not available (HTTP 502); AAPL was not fetched."),
    ("truncated", UnavailableError, "Yahoo sent an answer that cannot be read; AAPL was not"),
    (
        "cut off",
        UnavailableError,
        "Yahoo sent an answer that cannot be read; AAPL was not fetched.",
    ),
    (
        "garbage",
        UnavailableError,
        "Yahoo sent an answer that cannot be read; AAPL was not fetched.",
    ),
    ("empty", UnavailableError, "Yahoo sent no bars of AAPL, which may pass; try again later."),
    ("not found", NotFoundError, "Yahoo knows no ticker AAPL."),
]


@pytest.mark.parametrize(("mood", "kind", "sentence"), FAILURES)
@pytest.mark.parametrize("known", [False, True], ids=["first time", "zone known"])
def test_each_failure_has_its_type_and_one_sentence(
    source: YahooSource,
    yahoo: FakeYahoo,
    mood: Mood,
    kind: type[TickerLensError],
    sentence: str,
    known: bool,
) -> None:
    if known:
        fetched(source, AAPL)
    yahoo.fail(mood)
    with pytest.raises(kind) as caught:
        fetched(source, AAPL)
    assert type(caught.value) is kind and caught.value.message.startswith(sentence)
    assert "delisted" not in caught.value.message


def test_an_unknown_ticker_is_asked_for_twice_and_no_more(
    source: YahooSource, yahoo: FakeYahoo
) -> None:
    with pytest.raises(NotFoundError, match="^Yahoo knows no ticker ZZZZ.$"):
        fetched(source, ZZZZ)
    assert 2 <= yahoo.charts("ZZZZ") <= 4  # yfinance itself repeats each with another cookie
    with pytest.raises(NotFoundError):
        fetched(source, Ticker.parse("US0378331005"))  # yfinance would look for a ticker of it


@pytest.mark.parametrize("mood", ["unavailable", "truncated", "garbage", "empty"])
def test_a_passing_failure_is_not_seen(source: YahooSource, yahoo: FakeYahoo, mood: Mood) -> None:
    fetched(source, TSMC)
    yahoo.fail(mood, "AAPL", times=2)
    assert len(fetched(source, AAPL)) > 700


def test_after_429_no_ticker_is_asked_for_again(source: YahooSource, yahoo: FakeYahoo) -> None:
    yahoo.fail("too many")
    for ticker in (AAPL, TSMC):
        with pytest.raises(RateLimitedError, match=f"requests; {ticker} was not fetched.$"):
            fetched(source, ticker)
    assert yahoo.charts("AAPL") <= 2 and yahoo.charts("2330.TW") == 0
    yahoo.heal()
    assert len(fetched(YahooSource(source._folder, yahoo.url), AAPL)) > 700


def test_one_ticker_that_stalls_does_not_cost_the_others(yahoo: FakeYahoo, folder: Path) -> None:
    source = YahooSource(folder, yahoo.url, pause=0.01, limit=4)
    yahoo.frames = {"AAPL": series("AAPL", AT)}
    yahoo.fail("stall", "MSFT")
    fetched(source, AAPL)
    started = time.monotonic()
    with pytest.raises(UnavailableError, match="^Yahoo did not answer in time; MSFT was not"):
        fetched(source, Ticker.parse("MSFT"))
    assert time.monotonic() - started < 12
    assert len(fetched(source, AAPL)) > 700


def refused() -> tuple[str, list[socket.socket]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}", []


def swallowed() -> tuple[str, list[socket.socket]]:
    """An address that lets nobody in and tells nobody: its queue is full."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(server.getsockname())
    return f"http://127.0.0.1:{server.getsockname()[1]}", [server, *waiting]


@pytest.mark.parametrize("dead", [refused, swallowed])
def test_a_dead_network_costs_the_time_of_one_ticker(
    dead: Callable[[], tuple[str, list[socket.socket]]], folder: Path
) -> None:
    address, listener = dead()
    source = YahooSource(folder, address, pause=0.01, limit=1.5)
    started = time.monotonic()
    for symbol in ("AAPL", "MSFT", "TSM", "2330.TW"):
        with pytest.raises(UnavailableError, match=rf"^Yahoo .*; {symbol} was not fetched.$"):
            fetched(source, Ticker.parse(symbol))
    assert time.monotonic() - started < 4
    for one in listener:
        one.close()


@pytest.mark.parametrize(
    ("symbol", "change", "sentence"),
    [
        ("^N225", {"currency": "USD"}, "Yahoo quotes ^N225 in USD, where JPY is expected."),
        ("VOD.L", {"currency": "GBP"}, "Yahoo quotes VOD.L in GBP, where GBp is expected."),
        (
            "FB",
            {"symbol": "META"},
            "Yahoo sent bars of META where FB was asked for; if that is its symbol now, say so: "
            'python -m flows rename --from FB --to META --reason "..."',
        ),
        ("FB", {"symbol": "META; rm"}, "Yahoo sent bars of META; rm where FB was asked for."),
        ("AAPL", {"exchangeTimezoneName": "Asia/Tokyo"}, "dates AAPL by Asia/Tokyo"),
        ("^N225", {"currency": "JPY"}, "dates ^N225 by America/New_York, where Asia/Tokyo"),
        ("2330.TW", {"exchangeTimezoneName": "UTC"}, "dates 2330.TW by UTC, where Asia/Taipei"),
    ],
)
def test_bars_of_another_market_are_refused(
    source: YahooSource,
    yahoo: FakeYahoo,
    symbol: str,
    change: dict[str, str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = bodies.meta
    monkeypatch.setattr(bodies, "meta", lambda name: honest(name) | change)
    yahoo.frames[symbol] = series("AAPL", AT).assign(ticker=symbol)
    with pytest.raises(SchemaError) as caught:
        fetched(source, Ticker.parse(symbol))
    assert sentence in caught.value.message


def test_prices_that_contradict_each_other_are_handed_on_to_the_checks(
    source: YahooSource, yahoo: FakeYahoo
) -> None:
    yahoo.frames["AAPL"] = yahoo.frames["AAPL"].assign(high=1.0)
    found = fetched(source, AAPL)
    assert (found["high"] < found["low"]).all() and len(found) == len(yahoo.frames["AAPL"])


def test_only_yahoo_is_sent_elsewhere_and_nothing_else_is_reached() -> None:
    base = "http://127.0.0.1:1"
    assert sent_to("https://query2.finance.yahoo.com/v8/x?a=1", base) == f"{base}/v8/x?a=1"
    assert sent_to("https://fc.yahoo.com", base) == f"{base}/"
    assert sent_to("https://fc.yahoo.com", "") == "https://fc.yahoo.com"
    for other in ("https://example.org/a", "https://yahoo.com.example.org", "https://notyahoo.com"):
        with pytest.raises(SourceError, match=f"is not Yahoo; only {base} may be asked"):
            sent_to(other, base)


def test_what_yfinance_keeps_lies_in_the_folder(
    source: YahooSource, yahoo: FakeYahoo, tmp_path: Path
) -> None:
    fetched(source, AAPL)
    for name in ("one", "two"):
        fetched(YahooSource(tmp_path / name, yahoo.url), AAPL)
        assert (tmp_path / name / "cookies.db").is_file()


@pytest.mark.parametrize("url", ["localhost:80", "ftp://a", "http://"])
def test_an_address_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="^yahoo_url is "):
        YahooSource(tmp_path, url)
