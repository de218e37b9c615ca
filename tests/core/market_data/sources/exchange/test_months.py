"""A month of an exchange's daily report, cell by cell."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import SchemaError, TickerLensError, UnavailableError
from core.market_data.sources.exchange.months import month_bars
from core.market_data.sources.exchange.reports import month_report
from core.reference.tickers import Ticker

MONTH = pd.Timestamp("2026-10-01")
TSMC, WAFER = Ticker.parse("2330.TW"), Ticker.parse("6488.TWO")
TWSE: dict[str, Any] = {
    "stat": "OK",
    "date": "20261001",
    "title": "115年10月 2330 台積電           各日成交資訊",
    "fields": "日期 成交股數 成交金額 開盤價 最高價 最低價 收盤價 漲跌價差 成交筆數".split(),
    "data": [
        "115/10/26 14,466,183 37,400,000,000 2,565.00 2,585.00 2,560.00 2,585.00 +20.00 9".split(),
        "115/10/27 0 0 -- -- -- -- 0.00 0".split(),
        "115/10/28 9,876,543 24,000,000,000 2,571.50 2,580.00 2,550.00 2,555.00 X0.00 8".split(),
        "115/10/29* 1,000 2,555,000 2,555.00 2,555.00 2,555.00 2,555.00 0.00 1".split(),
    ],
    "notes": ["符號說明:+/-/X表示漲/跌/不比價"],
}
TPEX: dict[str, Any] = {
    "tables": [
        {
            "title": "個股日成交資訊",
            "fields": ["日 期", *"成交張數 成交仟元 開盤 最高 最低 收盤 漲跌 筆數".split()],
            "data": ["115/10/26 1,234 616,000 499.50 501.00 498.00 500.00 -1.50 900".split()],
            "totalCount": 1,
        }
    ],
    "date": "20261001",
    "code": "6488",
    "stat": "ok",
}


def read(body: dict[str, Any], ticker: Ticker = TSMC, month: pd.Timestamp = MONTH) -> pd.DataFrame:
    return month_bars(month_report(ticker, month), body, ticker, month)


def test_a_month_of_twse_is_read_exactly() -> None:
    """A halt is no row, X is no comparison and never an unchanged price."""
    wanted = pd.DataFrame(
        {
            "session": pd.DatetimeIndex(["2026-10-26", "2026-10-28", "2026-10-29"]).as_unit("ns"),
            "open": [2565.0, 2571.5, 2555.0],
            "high": [2585.0, 2580.0, 2555.0],
            "low": [2560.0, 2550.0, 2555.0],
            "close": [2585.0, 2555.0, 2555.0],
            "volume": [14_466_183.0, 9_876_543.0, 1_000.0],
            "change": [20.0, np.nan, 0.0],
        }
    )
    pd.testing.assert_frame_equal(read(TWSE), wanted, check_exact=True)


def test_a_month_of_tpex_is_read_in_shares() -> None:
    (row,) = read(TPEX, WAFER).to_dict("records")
    assert row == {
        "session": pd.Timestamp("2026-10-26"),
        "open": 499.5,
        "high": 501.0,
        "low": 498.0,
        "close": 500.0,
        "volume": 1_234_000.0,
        "change": -1.5,
    }


def test_thousands_of_shares_and_shares_are_told_apart_by_the_name_of_their_column() -> None:
    (table,) = TPEX["tables"]
    for name, volume in (("成交仟股", 1_234_000.0), ("成交股數", 1_234.0)):
        fields = [name if one == "成交張數" else one for one in table["fields"]]
        body = TPEX | {"tables": [table | {"fields": fields}]}
        assert read(body, WAFER)["volume"].tolist() == [volume]


@pytest.mark.parametrize(
    ("body", "ticker"),
    [
        ({"stat": "很抱歉，沒有符合條件的資料!", "total": 0}, TSMC),
        (TPEX | {"tables": [TPEX["tables"][0] | {"data": [], "totalCount": 0}]}, WAFER),
        (TPEX | {"tables": []}, WAFER),
    ],
)
def test_a_month_without_trading_is_empty(body: dict[str, Any], ticker: Ticker) -> None:
    assert read(body, ticker).empty


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        (
            {"stat": "查詢日期大於今日，請重新查詢!"},
            UnavailableError,
            "STOCK_DAY that cannot be read",
        ),
        ({"fields": None}, UnavailableError, "STOCK_DAY that cannot be read"),
        ({"fields": TWSE["fields"][:8]}, UnavailableError, "STOCK_DAY that cannot be read"),
        ({"fields": [*TWSE["fields"][:6], "a", "b", "c"]}, UnavailableError, "cannot be read"),
        ({"data": [["a"]]}, UnavailableError, "STOCK_DAY that cannot be read"),
        (
            {"title": "115年10月 2317 鴻海 各日成交資訊"},
            SchemaError,
            "of another code or of other days",
        ),
        (
            {"data": [["114/10/26", *TWSE["data"][0][1:]]]},
            SchemaError,
            "of another code or of other",
        ),
        (
            {"data": [["115/13/26", *TWSE["data"][0][1:]]]},
            SchemaError,
            "of another code or of other",
        ),
        ({"data": [[*TWSE["data"][0][:6], "many", "0", "1"]]}, SchemaError, 'close has "many"'),
    ],
)
def test_what_is_no_such_month_is_refused(
    change: dict[str, Any], kind: type[TickerLensError], sentence: str
) -> None:
    with pytest.raises(kind) as caught:
        read(TWSE | change)
    assert sentence in caught.value.message
