"""Factors out of the exchanges' own tables of actions, with reference prices they published."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import SchemaError, UnavailableError
from core.market_data.sources.exchange.actions import (
    CorporateAction,
    action_of,
    applied,
    cash_of,
    listed,
)
from core.market_data.sources.exchange.reports import Span, action_tables, dividend_report
from core.reference.tickers import Ticker
from tests.support.exchange.reports import PAID, SHARES, TPEX_PAID, TPEX_SHARES

TSMC, WAFER = Ticker.parse("2330.TW"), Ticker.parse("6488.TWO")
YEAR = Span(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-31"))


def rows(ticker: Ticker, at: int, *cells: str, fields: str) -> pd.DataFrame:
    names = fields.split()
    row = [*cells, *[""] * (len(names) - len(cells))]
    table = action_tables(ticker)[at]
    plain: dict[str, Any] = {"stat": "ok", "fields": names, "data": [row]}
    body = plain if ticker is TSMC else {"stat": "ok", "tables": [plain]}
    return listed(table, table.report(YEAR), body, YEAR, ticker)


def only(found: pd.DataFrame, cash: float | None = None) -> CorporateAction:
    (row,) = found.to_dict("records")
    return action_of(row if cash is None else row | {"cash": cash})


def test_a_dividend_in_cash_of_twse() -> None:
    cells = (
        "113年06月13日 2330 台積電 902.00 898.50 3.499789 息 988.00 809.00 898.00 898.50".split()
    )
    found = rows(TSMC, 0, *cells, fields=PAID)
    assert only(found) == CorporateAction(pd.Timestamp("2024-06-13"), 1.0, 3.499789)
    assert found["code"].tolist() == ["2330"]


def test_a_dividend_in_cash_and_shares_of_tpex_is_per_share_held_since() -> None:
    cells = (
        "113/03/22 6488 環球晶 100.00 88.64 9.09 2.5 11.36 除權息 97.50 79.80 88.60 88.64".split()
    )
    found = only(rows(WAFER, 0, *cells, "2.50000000", "100.00000000", fields=TPEX_PAID))
    assert found == CorporateAction(pd.Timestamp("2024-03-22"), 1.1, 2.272727)


def test_cash_and_shares_in_one_sum_of_twse_are_parted_by_its_detail() -> None:
    cells = "113年06月13日 2330 台積電 100.00 88.64 11.36 權息 97.50 79.80 88.60 88.64".split()
    found = rows(TSMC, 0, *cells, fields=PAID)
    assert np.isnan(found["cash"].iloc[0])
    report = dividend_report(TSMC, pd.Timestamp("2024-06-13"))
    fields = ["股票代號", "(每股配發現金股利)除息", "A. 按普通股股東持股比例每千股無償配股"]
    body = {"stat": "ok", "fields": fields, "data": [["2330 ", "2.5 元／股", "100 股"]]}
    cash = cash_of(report, body, TSMC)
    assert cash == 2.5 and only(found, cash).split_ratio == 1.1
    with pytest.raises(UnavailableError, match="TWT49UDetail that cannot be read"):
        cash_of(report, body | {"data": [["2330", "元", "股"]]}, TSMC)


def test_shares_alone_and_shares_that_are_offered_for_money() -> None:
    given = "113年06月13日 2330 台積電 100.00 90.91 9.09 權 100.00 81.90 90.90 90.91".split()
    offered = "113年06月13日 2330 台積電 100.00 98.00 2.00 權 107.50 88.20 98.00 100.00".split()
    assert only(rows(TSMC, 0, *given, fields=PAID)).split_ratio == 1.1
    assert only(rows(TSMC, 0, *offered, fields=PAID)).split_ratio == 1.0


def test_reductions_of_capital_and_changes_of_par() -> None:
    """台端, 2024-01-22, on TWSE; 泰偉, 2024-02-05, on TPEx; one share made four."""
    cells = "113/01/22 3432 台端 10.65 19.69 21.65 17.75 19.70 -- 彌補虧損".split()
    assert only(rows(TSMC, 1, *cells, fields=SHARES)).split_ratio == 0.540884
    cells = "1130205 3064 泰偉 10.65 35.50 39.05 31.95 35.50 0.00 彌補虧損".split()
    assert only(rows(WAFER, 1, *cells, fields=TPEX_SHARES)) == CorporateAction(
        pd.Timestamp("2024-02-05"), 0.3, 0.0
    )
    cells = "113/07/13 6415 矽力-KY 2,485.00 621.25 683.00 560.00 621.00".split()
    assert only(rows(TSMC, 2, *cells, fields=SHARES)).split_ratio == 4.0


def test_the_simplest_ratio_is_taken_that_leads_to_the_reference_price() -> None:
    """0050, four shares for one; 50 free shares for 1,000; and one with no simple ratio."""
    for before, after, ratio in (
        (188.65, 47.16, 4.0),
        (33.35, 31.76, 1.05),
        (28.2, 31.26, 0.902111),
    ):
        cells = ["113/06/18", "0050", "元大", f"{before}", f"{after}"]
        assert only(rows(TSMC, 1, *cells, fields=SHARES)).split_ratio == ratio


@pytest.mark.parametrize("prices", ["-- 19.69", "10.65 --", "10.65 0.00"])
def test_a_price_that_is_not_listed_is_no_action(prices: str) -> None:
    cells = f"113/01/22 3432 台端 {prices}".split()
    assert rows(TSMC, 1, *cells, fields=SHARES).empty


def test_a_table_of_other_days_or_columns_is_refused() -> None:
    cells = "112/12/29 3432 台端 10.65 19.69".split()  # as if the days asked for were not read
    with pytest.raises(SchemaError, match="report TWTAUU of another code or of other days"):
        rows(TSMC, 1, *cells, fields=SHARES)
    with pytest.raises(UnavailableError, match="report TWTAUU that cannot be read"):
        rows(TSMC, 1, *cells, fields="日期 甲 乙 丙 丁")
    with pytest.raises(UnavailableError, match="report TWT49U that cannot be read"):
        rows(TSMC, 0, "113/01/22", *cells[1:], fields=SHARES)


def test_an_empty_table_has_no_rows() -> None:
    table = action_tables(TSMC)[0]
    none = {"stat": "很抱歉，沒有符合條件的資料!", "total": 0}
    assert listed(table, table.report(YEAR), none, YEAR, TSMC).empty


def bars(*changes: float) -> pd.DataFrame:
    sessions = pd.bdate_range("2024-06-10", periods=len(changes)).as_unit("ns")
    return pd.DataFrame({"session": sessions, "change": changes})


def test_actions_stand_on_their_session_or_the_next_bar() -> None:
    sunday, wednesday = pd.Timestamp("2024-06-09"), pd.Timestamp("2024-06-12")
    paid = [CorporateAction(wednesday, 1.0, 2.0)]
    found = applied(bars(0.0, 1.0, np.nan), paid, [CorporateAction(sunday, 4.0, 0.0)])
    assert found["dividend"].tolist() == [0.0, 0.0, 2.0]
    assert found["split_ratio"].tolist() == [4.0, 1.0, 1.0]
    late = [CorporateAction(pd.Timestamp("2024-06-30"), 1.0, 2.0)]
    assert applied(bars(0.0, 1.0), late, [])["dividend"].tolist() == [0.0, 0.0]


def test_a_dividend_in_the_reference_price_of_a_reduction_counts_once() -> None:
    day = pd.Timestamp("2024-06-11")
    found = applied(
        bars(0.0, np.nan), [CorporateAction(day, 1.0, 2.0)], [CorporateAction(day, 0.5, 0.0)]
    )
    assert found["dividend"].tolist() == [0.0, 0.0] and found["split_ratio"].tolist() == [1.0, 0.5]


def test_what_happened_without_being_listed_is_unknown_and_not_nothing() -> None:
    found = applied(bars(np.nan, 1.0, np.nan), [], [])["dividend"]
    assert found.isna().tolist() == [False, False, True] and found.iloc[0] == 0.0
