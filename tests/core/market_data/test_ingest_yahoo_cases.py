"""What Yahoo was reported to do, sent by a server on loopback and read after an ingest."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market_data.ingest import WantedBars, ingest
from core.market_data.sources.yahoo import YahooSource
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.homes import Home
from tests.support.yahoo import bodies
from tests.support.yahoo.server import FakeYahoo

PRICES = ["open", "high", "low", "close"]
AT = datetime(2026, 11, 26, 23, tzinfo=UTC)
EX = 500


def series(symbol: str, sessions: int = 600, seed: int = 1, start: float = 100.0) -> pd.DataFrame:
    known = SHIPPED[Ticker.parse(symbol).market.calendar].sessions
    days = known[known <= "2026-11-25"][-sessions:]
    source = np.random.default_rng(seed)
    close = start * np.exp(np.cumsum(0.015 * source.standard_normal(sessions)))
    opened = close * np.exp(0.005 * source.standard_normal(sessions))
    rows = {
        "ticker": symbol,
        "session": days,
        "open": opened,
        "high": np.maximum(opened, close) * 1.006,
        "low": np.minimum(opened, close) * 0.994,
        "close": close,
        "volume": 1e6 + source.integers(7, 900_000, sessions),
    }
    bars = pd.DataFrame(rows).round(dict.fromkeys(PRICES, 2))
    return bars.assign(dividend=0.0, split_ratio=1.0, source="yahoo", ingested_at=pd.Timestamp(AT))


def cut_to(bars: pd.DataFrame, share: float) -> pd.DataFrame:
    """The prices from the ex date on are so much of what they were."""
    bars.loc[EX:, PRICES] = (bars.loc[EX:, PRICES] * share).round(2)
    return bars


def fetched(home: Home, yahoo: FakeYahoo, folder: Path, symbol: str) -> pd.DataFrame:
    """What is read after an ingest: adjusted bars with the log return of each session."""
    ticker = Ticker.parse(symbol)
    source = YahooSource(folder, yahoo.url, pause=0.01)
    ingest(source, home.gateway, AT, WantedBars(tickers=[ticker]))
    bars = home.bars.load([ticker])
    return bars.assign(move=np.log(bars["close"]).diff())


def test_a_reused_symbol_overwrites_nothing(home: Home, yahoo: FakeYahoo, tmp_path: Path) -> None:
    yahoo.frames["CASEA"] = series("CASEA")
    first = fetched(home, yahoo, tmp_path, "CASEA")
    now = int((AT + timedelta(days=1)).timestamp())
    other = bodies.chart("CASEA", series("CASEA", 60, 3, 23.0), 0, now)
    yahoo.replays["CASEA"] = 200, json.dumps(other)
    pd.testing.assert_frame_equal(fetched(home, yahoo, tmp_path, "CASEA"), first)
    assert [one.code for one in home.quarantine.entries()] == ["contradiction"]


@pytest.mark.parametrize("share", [0.08, 0.12])
def test_a_special_dividend_beside_small_ones_is_believed(
    home: Home, yahoo: FakeYahoo, tmp_path: Path, share: float
) -> None:
    bars = series("CASEA")
    bars.loc[bars.index % 63 == 40, "dividend"] = 0.05
    before = bars["close"][EX - 1]
    yahoo.frames["CASEA"] = cut_to(bars, 1 - share)
    bars.loc[EX, "dividend"] = round(before * share, 2)
    read = fetched(home, yahoo, tmp_path, "CASEA")
    assert len(read) == 600 and home.quarantine.entries() == []
    assert read["move"].abs().max() < 0.06 and read["dividend"][EX] == bars["dividend"][EX]


def test_a_spin_off_listed_as_a_split_is_read_so(
    home: Home, yahoo: FakeYahoo, tmp_path: Path
) -> None:
    bars = cut_to(series("CASEA"), 1 / 1.281)
    bars.loc[EX, "split_ratio"] = 1.281
    yahoo.frames["CASEA"] = bars
    read = fetched(home, yahoo, tmp_path, "CASEA")
    assert len(read) == 600 and read["move"].abs().max() < 0.06


def test_a_listed_split_that_is_not_in_the_prices_lets_no_return_across(
    home: Home, yahoo: FakeYahoo, tmp_path: Path
) -> None:
    bars = series("CASEA")
    bars.loc[: EX - 1, PRICES] = (bars.loc[: EX - 1, PRICES] / 190).round(4)
    bars.loc[EX, "split_ratio"] = 1 / 190
    now = int((AT + timedelta(days=1)).timestamp())
    body = bodies.chart("CASEA", bars, 0, now)
    result = body["chart"]["result"][0]["indicators"]
    for name in PRICES:
        result["quote"][0][name][:EX] = [float(one) for one in bars[name][:EX]]
    result["adjclose"][0]["adjclose"][:EX] = result["quote"][0]["close"][:EX]
    yahoo.replays["CASEA"] = 200, json.dumps(body)
    read = fetched(home, yahoo, tmp_path, "CASEA")
    assert len(read) == 100 and read["move"].abs().max() < 0.06
    (entry,) = home.quarantine.entries()
    assert "is not applied to them as it is to the others" in entry.reason


def test_cash_and_shares_of_one_day_are_both_read(
    home: Home, yahoo: FakeYahoo, tmp_path: Path
) -> None:
    bars = series("2399.TW")
    before = bars["close"][EX - 1]
    yahoo.frames["2399.TW"] = cut_to(bars, (before - 2) / 1.2 / before)
    bars.loc[EX, ["split_ratio", "dividend"]] = [1.2, 2.0]
    read = fetched(home, yahoo, tmp_path, "2399.TW")
    assert len(read) == 600 and read["move"].abs().max() < 0.06
    assert home.quarantine.entries() == []
