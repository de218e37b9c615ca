"""Both exchanges on loopback: bars as they were traded, few requests, and typed failures."""

import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import (
    InvalidInputError,
    NoBarsError,
    NotFoundError,
    RateLimitedError,
    TickerLensError,
    UnavailableError,
)
from core.foundation.sql.database import Database
from core.market_data.fetch import fetch_and_store
from core.market_data.sources.exchange.twse import EMPTY_MONTHS, SECONDS_APART, TwseSource
from core.market_data.sources.rate_limit_store import SharedRateLimit
from core.market_data.sources.rate_limiter import OwnRateLimit, RateLimiter
from core.reference.tickers import Ticker
from tests.support import evaluation
from tests.support.exchange.server import FakeExchange, Mood
from tests.support.homes import Home
from tests.support.yahoo.series import series

AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
EXACT = ["session", "open", "high", "low", "close", "volume"]
TSMC, HONHAI, WAFER = map(Ticker.parse, ("2330.TW", "2317.TW", "6488.TWO"))


def actions(bars: pd.DataFrame) -> pd.DataFrame:
    """Free shares beside a dividend, and a reduction of capital, more than the series has."""
    changed = bars.copy()
    changed.loc[100, ["split_ratio", "dividend"]] = [1.1, 2.0]
    changed.loc[200, "split_ratio"] = 0.6
    return changed


@pytest.fixture
def source(exchange: FakeExchange) -> TwseSource:
    bars = actions(series("2330.TW", AT))
    lots = (bars["volume"] // 1000 + 1) * 1000
    exchange.frames = {"2330.TW": bars, "6488.TWO": bars.assign(ticker="6488.TWO", volume=lots)}
    return TwseSource(exchange.url, pause=0.01, rate_limiter=RateLimiter())


def fetched(source: TwseSource, ticker: Ticker = TSMC, at: datetime = AT) -> pd.DataFrame:
    return source.fetch(ticker, None, None, at)


@pytest.mark.parametrize("ticker", [TSMC, WAFER], ids=str)
def test_bars_come_back_as_they_were_traded(
    source: TwseSource, exchange: FakeExchange, ticker: Ticker
) -> None:
    found, wanted = fetched(source, ticker), exchange.frames[ticker.symbol]
    pd.testing.assert_frame_equal(found[EXACT], wanted[EXACT], check_exact=True)
    np.testing.assert_allclose(found["dividend"], wanted["dividend"], rtol=1e-6)
    assert found["split_ratio"].tolist() == wanted["split_ratio"].tolist()
    assert set(found["source"]) == {"twse"} and set(found["ingested_at"]) == {pd.Timestamp(AT)}


def test_months_are_asked_for_until_a_year_had_none(
    source: TwseSource, exchange: FakeExchange
) -> None:
    fetched(source)
    months = exchange.months("2330.TW")
    assert months[0] == "2026-11" and months == sorted(set(months), reverse=True)
    first = exchange.frames["2330.TW"]["session"].iloc[0]
    assert months[-EMPTY_MONTHS - 1] == f"{first:%Y-%m}"
    with pytest.raises(NotFoundError, match="^TWSE has no bars of 2317.TW in the last 12 months.$"):
        fetched(source, HONHAI)
    assert len(exchange.months("2317.TW")) == EMPTY_MONTHS


def test_an_increment_asks_for_its_months_alone_and_for_each_table_once(
    source: TwseSource, exchange: FakeExchange
) -> None:
    exchange.frames["2317.TW"] = exchange.frames["2330.TW"].assign(ticker="2317.TW")
    start = pd.Timestamp("2026-10-27")
    for ticker in (TSMC, HONHAI):
        found = source.fetch(ticker, start, None, AT)
        wanted = exchange.frames["2330.TW"]
        pd.testing.assert_frame_equal(
            found[EXACT], wanted.loc[wanted["session"] >= start, EXACT].reset_index(drop=True)
        )
        assert exchange.months(ticker.symbol) == ["2026-11", "2026-10"]
    names = Counter(name for name, _ in exchange.requests)
    assert names == {"STOCK_DAY": 4, "TWT49U": 1, "TWTAUU": 1, "TWTB8U": 1}


def test_a_range_ends_where_it_should(source: TwseSource, exchange: FakeExchange) -> None:
    start, end = pd.Timestamp("2026-03-10"), pd.Timestamp("2026-04-09")
    found = source.fetch(TSMC, start, end, AT)
    wanted = exchange.frames["2330.TW"]["session"]
    assert found["session"].tolist() == wanted[wanted.between(start, end)].tolist()
    assert exchange.months("2330.TW") == ["2026-04", "2026-03"]
    with pytest.raises(NoBarsError, match="^TWSE has no bars of 2330.TW since 2027-01-01.$"):
        source.fetch(TSMC, pd.Timestamp("2027-01-01"), None, AT)


def test_a_halt_is_no_bar_and_a_session_under_way_neither(
    source: TwseSource, exchange: FakeExchange
) -> None:
    bars = exchange.frames["2330.TW"]
    halt, last = bars["session"].iloc[-3], bars["session"].iloc[-1]
    exchange.halts["2330.TW"] = {halt}
    exchange.frames["2330.TW"] = bars[bars["session"] != halt]
    during = datetime(2026, 11, 20, 3, tzinfo=UTC)
    for at, end in ((AT, last), (during, bars["session"].iloc[-2])):
        found = source.fetch(TSMC, pd.Timestamp("2026-11-01"), None, at)["session"]
        assert halt not in set(found) and found.iloc[-1] == end


def test_an_action_that_no_table_lists_is_unknown_and_held_back(
    source: TwseSource, exchange: FakeExchange, home: Home
) -> None:
    exchange.silent = {"TWTAUU"}
    gone = exchange.frames["2330.TW"]["session"].iloc[200]
    found = fetched(source).set_index("session")["dividend"]
    assert np.isnan(found[gone]) and found.isna().sum() == 1
    dict(fetch_and_store(source, home.gateway, AT, [TSMC]))
    (entry,) = [one for one in home.gateway.quarantine.entries() if one.code == "step"]
    assert entry.first == gone.date() and entry.hold == "actions"
    assert f"compares {gone.date()} with" in entry.reason and len(home.bars.load([TSMC])) == len(
        found
    )
    again = home.bars.revisions(TSMC)
    dict(fetch_and_store(source, home.gateway, AT, [TSMC], pd.Timestamp("2023-11-20")))
    assert len(home.bars.revisions(TSMC)) == len(again)


def test_requests_are_three_seconds_apart_whoever_sends_them(
    exchange: FakeExchange, tmp_path: Path
) -> None:
    """Two sources as two processes would have them, with one record and a clock of the test's."""
    now, lock = [1_000_000.0], threading.Lock()

    def sleep(seconds: float) -> None:
        with lock:
            now[0] += seconds

    def one() -> TwseSource:
        limit = SharedRateLimit(Database(f"sqlite:///{tmp_path}/records.db"), "twse")
        limiter = RateLimiter(limit, 1 / SECONDS_APART, lambda: now[0], sleep)
        return TwseSource(exchange.url, pause=0.01, rate_limiter=limiter)

    sent: list[float] = []
    respond = exchange.respond

    def noted(path: str, given: dict[str, str]) -> tuple[int, str]:
        sent.append(now[0])
        return respond(path, given)

    exchange.respond = noted  # type: ignore[method-assign]
    first, second = one(), one()
    for source in (first, second, first):
        source.fetch(TSMC, pd.Timestamp("2026-11-02"), pd.Timestamp("2026-11-20"), AT)
    assert len(sent) == 9  # one month each time, and three tables each source once
    assert np.diff(sent).min() == pytest.approx(SECONDS_APART)
    assert now[0] == pytest.approx(1_000_000.0 + 8 * SECONDS_APART)


def test_threads_that_ask_at_once_share_the_tables(
    source: TwseSource, exchange: FakeExchange
) -> None:
    start = pd.Timestamp("2026-11-02")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: source.fetch(TSMC, start, None, AT), range(4)))
    assert all(one.equals(found[0]) for one in found)
    assert Counter(name for name, _ in exchange.requests)["TWT49U"] == 1


FAILURES: list[tuple[Mood, type[TickerLensError], str]] = [
    ("too many", RateLimitedError, "TWSE asks for fewer requests; 2330.TW was not fetched."),
    ("sent away", RateLimitedError, "TWSE asks for fewer requests; 2330.TW was not fetched."),
    ("unavailable", UnavailableError, "TWSE is not available (HTTP 502); 2330.TW was not fetched."),
    ("truncated", UnavailableError, "TWSE sent a report {} that cannot be read; 2330.TW was not"),
    ("cut off", UnavailableError, "TWSE sent a report {} that cannot be read; 2330.TW was not"),
    ("page", UnavailableError, "TWSE sent a report {} that cannot be read; 2330.TW was not"),
    ("refused", UnavailableError, "TWSE sent a report {} that cannot be read; 2330.TW was not"),
]


@pytest.mark.parametrize(
    ("mood", "kind", "sentence", "report"),
    [
        *((*one, "STOCK_DAY") for one in FAILURES),
        *((*FAILURES[3], report) for report in ("TWT49U", "TWTAUU", "TWT49UDetail")),
    ],
)
def test_each_failure_has_its_type_and_one_sentence_and_changes_nothing(
    source: TwseSource,
    exchange: FakeExchange,
    home: Home,
    mood: Mood,
    kind: type[TickerLensError],
    sentence: str,
    report: str,
) -> None:
    dict(fetch_and_store(source, home.gateway, AT, [TSMC]))
    stored, wanted = home.bars.latest(TSMC), sentence.format(report)
    fresh = TwseSource(exchange.url, pause=0.01, rate_limiter=RateLimiter())
    exchange.mood, exchange.moody = mood, {report}
    taken = dict(fetch_and_store(fresh, home.gateway, AT, [TSMC], pd.Timestamp("2023-11-20")))
    error = taken[TSMC]
    assert type(error) is kind and error.message.startswith(wanted)
    assert home.bars.latest(TSMC).equals(stored)


@pytest.mark.parametrize("mood", ["unavailable", "truncated", "page", "refused"])
def test_a_passing_failure_is_not_seen(
    source: TwseSource, exchange: FakeExchange, mood: Mood
) -> None:
    exchange.mood, exchange.times = mood, 2
    assert len(source.fetch(TSMC, pd.Timestamp("2026-11-02"), None, AT)) > 10


def test_after_a_refusal_nobody_asks_again(source: TwseSource, exchange: FakeExchange) -> None:
    exchange.mood = "too many"
    for ticker in (TSMC, WAFER):
        with pytest.raises(RateLimitedError, match=f"fewer requests; {ticker} was not fetched.$"):
            fetched(source, ticker)
    assert len(exchange.requests) == 1


def test_an_exchange_that_cannot_be_reached_is_named() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    source = TwseSource(url, pause=0.01, rate_limiter=RateLimiter())
    with pytest.raises(UnavailableError, match="^TPEx cannot be reached; 6488.TWO was not"):
        fetched(source, WAFER)


def test_an_exchange_that_says_nothing_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        source = TwseSource(url, pause=0.01, limit=0.3, rate_limiter=RateLimiter())
        with pytest.raises(UnavailableError, match="^TWSE did not answer in time; 2330.TW was not"):
            fetched(source)


def test_after_two_silences_the_exchanges_are_left_alone(exchange: FakeExchange) -> None:
    """A minute later, in a clock of the test's own, one report is asked for on trial."""
    now = [1_000_000.0]
    state = OwnRateLimit()
    limiter = RateLimiter(state, 0.0, lambda: now[0])
    source = TwseSource(exchange.url, pause=0.01, rate_limiter=limiter)
    dead = TwseSource("http://127.0.0.1:1", pause=0.01, rate_limiter=limiter)
    for _ in range(2):
        with pytest.raises(UnavailableError, match="^TWSE cannot be reached"):
            fetched(dead)
    assert state.read().rest_seconds == 60
    with pytest.raises(UnavailableError, match="^TPEx cannot be reached; 6488.TWO was not"):
        fetched(source, WAFER)
    assert exchange.requests == []
    now[0] += 67
    assert len(source.fetch(TSMC, pd.Timestamp("2026-11-02"), None, AT)) > 10
    assert state.read().rest_seconds == 0


@pytest.mark.parametrize("symbol", ["AAPL", "^TWII", "0700.HK", "TWD=X"])
def test_what_does_not_trade_in_taiwan_is_refused(source: TwseSource, symbol: str) -> None:
    with pytest.raises(
        InvalidInputError, match=f"such as 2330.TW .*; {symbol[1:]} is none|is none"
    ):
        fetched(source, Ticker.parse(symbol))


@pytest.mark.parametrize("url", ["localhost:80", "ftp://a", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="^twse_url is "):
        TwseSource(url)


@pytest.mark.evaluation
def test_years_of_real_prices_come_back_as_the_exchange_had_them(exchange: FakeExchange) -> None:
    """Eight codes of Taiwan, 2015 to 2021, Saturday sessions among them."""
    real = evaluation.taiwan()
    exchange.frames = {
        str(symbol): rows.reset_index(drop=True) for symbol, rows in real.groupby("ticker")
    }
    source = TwseSource(exchange.url, rate_limiter=RateLimiter())
    for symbol, rows in exchange.frames.items():
        end = rows["session"].iloc[-1]
        found = source.fetch(Ticker.parse(symbol), None, end, datetime(2022, 1, 1, tzinfo=UTC))
        pd.testing.assert_frame_equal(found[EXACT], rows[EXACT], check_dtype=False)
        assert (found["split_ratio"] == 1).all() and (found["dividend"] == 0).all()
