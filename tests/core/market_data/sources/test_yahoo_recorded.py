"""Answers that Yahoo really gave, sent again by a server on loopback."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.foundation.errors import NotFoundError, TickerLensError, UnavailableError
from core.market_data.sources.yahoo import YahooSource
from core.reference.tickers import Ticker
from tests.support.yahoo.server import FakeYahoo

pytestmark = pytest.mark.evaluation

AT = datetime(2026, 11, 20, 23, tzinfo=UTC)


def recorded(name: str) -> str:
    return (Path(os.environ["TICKERLENS_EVALUATION_DATA"]) / "yahoo_json" / name).read_text()


def fetch(
    yahoo: FakeYahoo,
    folder: Path,
    symbol: str,
    text: str,
    status: int = 200,
    start: pd.Timestamp | None = None,
) -> pd.DataFrame:
    yahoo.replays[symbol] = status, text
    source = YahooSource(folder, yahoo.url, pause=0.01)
    return source.fetch(Ticker.parse(symbol), start, None, AT).set_index("session")


def test_a_split_and_a_dividend_of_aapl(yahoo: FakeYahoo, tmp_path: Path) -> None:
    text = recorded("gadicc__chart-AAPL-2020-08-31-to-2020-11-07.json")
    bars = fetch(yahoo, tmp_path, "AAPL", text)
    assert len(bars) == 49
    assert bars["split_ratio"][bars["split_ratio"] != 1].to_dict() == {
        pd.Timestamp("2020-08-31"): 4
    }
    assert bars["dividend"][bars["dividend"] > 0].to_dict() == {pd.Timestamp("2020-11-06"): 0.205}
    first = bars.loc["2020-08-31"]
    assert (first["open"], first["high"], first["close"]) == (127.58, 131.0, 129.04)
    assert first["volume"] == 225_702_700


def test_nvda_as_it_was_traded_before_two_splits(yahoo: FakeYahoo, tmp_path: Path) -> None:
    # It was recorded after the 10:1 split of 2024-06-10, which lies outside its range; one that
    # reaches to today holds that too.
    body: dict[str, Any] = json.loads(
        recorded("gadicc__hist-NVDA-split-2021-02-01-to-2022-01-31.json")
    )
    result = body["chart"]["result"][0] if "chart" in body else body
    later = int(pd.Timestamp("2024-06-10 09:30", tz="America/New_York").timestamp())
    result["events"]["splits"][str(later)] = {"date": later, "numerator": 10, "denominator": 1}
    result["timestamp"].append(later)
    for values in result["indicators"]["quote"][0].values():
        values.append(121.79)
    result["indicators"]["adjclose"][0]["adjclose"].append(121.79)
    whole = body if "chart" in body else {"chart": {"result": [result], "error": None}}
    bars = fetch(yahoo, tmp_path, "NVDA", json.dumps(whole))
    assert bars["close"]["2021-02-01"] == 529.48
    assert bars["close"]["2021-07-19"] == 751.19  # the last close before the 4:1 split
    assert bars["close"]["2021-07-20"] == 186.12
    assert (bars["close"] == bars["close"].round(2)).mean() > 0.95  # whole cents


def test_dividends_of_msft_without_any_split(yahoo: FakeYahoo, tmp_path: Path) -> None:
    text = recorded("gadicc__hist-MSFT-dividends-2021-02-01-to-2022-01-31.json")
    bars = fetch(yahoo, tmp_path, "MSFT", text)
    paid = bars["dividend"][bars["dividend"] > 0]
    assert paid.tolist() == [0.56, 0.56, 0.56, 0.62]
    assert paid.index[0] == pd.Timestamp("2021-02-17") and bars["close"].iloc[0] == 239.65


def test_taipei_dates(yahoo: FakeYahoo, tmp_path: Path) -> None:
    bars = fetch(yahoo, tmp_path, "2330.TW", recorded("tshine73__2330.TW_2d.json"))
    closes = {f"{session:%Y-%m-%d}": close for session, close in bars["close"].items()}
    assert closes == {"2022-11-01": 391.5, "2022-11-02": 395.0}


@pytest.mark.parametrize(
    ("symbol", "name", "dates"),
    [
        ("BTC-USD", "gadicc__chart-BTC-USD-2020-01-01-to-2020-01-03.json", [1, 2, 3]),
        ("EURUSD=X", "gadicc__chart-EURUSD_X-2020-01-01-to-2020-01-03.json", [1, 2, 3]),
        ("AAPL", "gadicc__chart-AAPL-2020-01-01-to-2020-01-03.json", [2]),
    ],
)
def test_dates_of_other_markets(
    yahoo: FakeYahoo, tmp_path: Path, symbol: str, name: str, dates: list[int]
) -> None:
    bars = fetch(yahoo, tmp_path, symbol, recorded(name))
    assert bars.index.tolist() == [pd.Timestamp(2020, 1, day) for day in dates]


def test_capital_gains_of_a_fund_are_dividends(yahoo: FakeYahoo, tmp_path: Path) -> None:
    bars = fetch(yahoo, tmp_path, "VFINX", recorded("yfinance-rs__history_chart_VFINX.json"))
    assert len(bars) > 100 and (bars["dividend"] > 0).sum() > 100
    # Recorded for the last quarter of 1987: a dividend of 0.15 and a gain of 0.17.
    assert bars.loc["1987-10-01", "dividend"] == pytest.approx(0.32)


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("scheb__noData.json", 200, UnavailableError),
        ("bradjacobs__aapl_chart_no_results.json", 200, UnavailableError),
        ("bradjacobs__aapl_chart_5d_no_ts.json", 200, UnavailableError),
        ("gadicc__chart-notimestamp-quotes-length.fake.json", 200, UnavailableError),
        ("transcribed__error_404_not_found.json", 404, NotFoundError),
        ("transcribed__error_400_before_listing.json", 400, UnavailableError),
    ],
)
def test_an_answer_without_bars_never_says_delisted(
    yahoo: FakeYahoo, tmp_path: Path, name: str, status: int, kind: type[TickerLensError]
) -> None:
    with pytest.raises(kind, match="AAPL") as caught:
        fetch(yahoo, tmp_path, "AAPL", recorded(name), status)
    assert "delisted" not in caught.value.message


def test_a_range_before_the_listing_is_said(yahoo: FakeYahoo, tmp_path: Path) -> None:
    text = recorded("transcribed__error_400_before_listing.json")
    yahoo.replays["AAPL"] = 200, recorded("gadicc__chart-AAPL-2020-01-01-to-2020-01-03.json")
    fetch(yahoo, tmp_path, "AAPL", yahoo.replays["AAPL"][1])  # so that the zone is known
    with pytest.raises(NotFoundError, match="^Yahoo has no bars of AAPL since 2015-01-01.$"):
        fetch(yahoo, tmp_path, "AAPL", text, 400, pd.Timestamp("2015-01-01"))
