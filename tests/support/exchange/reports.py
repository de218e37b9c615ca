"""Reports in the shape of Taiwan's two exchanges, made from raw bars.

Written from reports that public programs have on record: years of the Republic, commas, -- for a
halt, X where the exchange compares with nothing, and TPEx's volumes in lots of 1,000.
"""

from typing import Any

import numpy as np
import pandas as pd

_PRICES = ("open", "high", "low", "close")
_TWSE_MONTH = "日期 成交股數 成交金額 開盤價 最高價 最低價 收盤價 漲跌價差 成交筆數".split()
_TPEX_MONTH = ["日 期", *"成交張數 成交仟元 開盤 最高 最低 收盤 漲跌 筆數".split()]
PAID = "資料日期 股票代號 股票名稱 除權息前收盤價 除權息參考價 權值+息值 權/息 漲停價格 跌停價格 開盤競價基準 減除股利參考價 詳細資料"
TPEX_PAID = "除權息日期 代號 名稱 除權息前收盤價 除權息參考價 權值 息值 權值+息值 權/息 漲停價 跌停價 開始交易基準價 減除股利參考價 現金股利 每仟股無償配股"
SHARES = "恢復買賣日期 股票代號 名稱 停止買賣前收盤價格 恢復買賣參考價 漲停價格 跌停價格 開盤競價基準 除權參考價 減資原因 詳細資料"
TPEX_SHARES = "恢復買賣日期 股票代號 名稱 最後交易日之收盤價格 減資恢復買賣開始日參考價格 漲停價格 跌停價格 開始交易基準價 除權參考價 減資原因 詳細資料"
_NONE = {"stat": "很抱歉，沒有符合條件的資料!", "total": 0}
_MOST_IN_SHARES = 1.5  # a ratio from here on is a change of the par value, below 1 a reduction


def month(
    symbol: str, bars: pd.DataFrame, first: pd.Timestamp, halts: set[pd.Timestamp]
) -> dict[str, Any]:
    """The daily bars of the month that begins on `first`; on `halts` nothing was traded."""
    code, tpex = symbol.partition(".")[0], symbol.endswith(".TWO")
    change = bars["close"].diff().fillna(0.0)
    acts = (bars["dividend"] > 0) | (bars["split_ratio"] != 1)
    rows = {}
    for at in np.flatnonzero(bars["session"].between(first, first + pd.offsets.MonthEnd())):
        bar = bars.iloc[at]
        moved = "X0.00" if acts.iloc[at] else f"{change.iloc[at]:+.2f}"
        volume = bar["volume"] / 1000 if tpex else bar["volume"]
        prices = [f"{bar[name]:,.2f}" for name in _PRICES]
        rows[bar["session"]] = [
            _roc(bar["session"]),
            f"{volume:,.0f}",
            "1,000",
            *prices,
            moved,
            "9",
        ]
    for day in sorted(one for one in halts if (one.year, one.month) == (first.year, first.month)):
        rows[day] = [_roc(day), "0", "0", *["--"] * 4, " 0.00", "0"]
    data = [rows[day] for day in sorted(rows)]
    if tpex:
        table = {"fields": _TPEX_MONTH, "data": data, "totalCount": len(data)}
        return {"tables": [table], "date": f"{first:%Y%m%d}", "code": code, "stat": "ok"}
    if not data:
        return _NONE
    title = f"{first.year - 1911}年{first:%m}月 {code} 公司             各日成交資訊"
    return {"stat": "OK", "title": title, "fields": _TWSE_MONTH, "data": data}


def actions(
    table: str, frames: dict[str, pd.DataFrame], first: pd.Timestamp, last: pd.Timestamp
) -> dict[str, Any]:
    """The rows of a table of actions, of all codes, from `first` to `last`."""
    tpex = table in ("exDailyQ", "revivt", "pvChgRslt", "etfSplitRslt", "etfRvsRslt")
    data = []
    for symbol, bars in frames.items():
        if symbol.endswith(".TWO") != tpex:
            continue
        before = bars["close"].shift()
        for at in np.flatnonzero(bars["session"].between(first, last) & before.notna()):
            bar = bars.iloc[at]
            if _table_of(symbol, bar) == table:
                code = symbol.partition(".")[0]
                data.append(_row(table, code, bar, float(before.iloc[at])))
    fields = {"TWT49U": PAID, "exDailyQ": TPEX_PAID}.get(table, TPEX_SHARES if tpex else SHARES)
    if tpex:
        rows = {"fields": fields.split(), "data": data, "totalCount": len(data)}
        return {"date": f"{first:%Y%m%d}~{last:%Y%m%d}", "tables": [rows], "stat": "ok"}
    return {"stat": "OK", "fields": fields.split(), "data": data} if data else _NONE


def detail(code: str, bar: pd.Series) -> dict[str, Any]:
    """What TWSE says of one ex date, cash and shares apart."""
    fields = [
        "股票代號",
        "股票名稱",
        "(每股配發現金股利)除息",
        "A. 按普通股股東持股比例每千股無償配股",
    ]
    cash = bar["dividend"] * bar["split_ratio"]
    row = [f"{code} ", "公司", f"{cash:g} 元／股", f"{1000 * (bar['split_ratio'] - 1):g} 股"]
    return {"stat": "ok", "fields": fields, "data": [row]}


def _table_of(symbol: str, bar: pd.Series) -> str:
    """The table in which an exchange lists the action of a bar; empty if there was none."""
    ratio, tpex, fund = bar["split_ratio"], symbol.endswith(".TWO"), symbol.startswith("00")
    if ratio == 1 and bar["dividend"] == 0:
        return ""
    if 1 <= ratio < _MOST_IN_SHARES:
        return "exDailyQ" if tpex else "TWT49U"
    if fund and tpex:
        return "etfSplitRslt" if ratio > 1 else "etfRvsRslt"
    if fund:
        return "TWTCAU"
    if ratio < 1:
        return "revivt" if tpex else "TWTAUU"
    return "pvChgRslt" if tpex else "TWTB8U"


def _row(table: str, code: str, bar: pd.Series, before: float) -> list[str]:
    day, ratio = bar["session"], bar["split_ratio"]
    cash = bar["dividend"] * ratio
    after = (before - cash) / ratio
    prices = [f"{before:,.2f}", f"{after:,.2f}"]
    limits = ["0.00", "0.00", f"{after:,.2f}"]
    if table == "TWT49U":
        kind = ("權" if ratio > 1 else "") + ("息" if cash else "")
        sums = [f"{before - after:.6f}", kind]
        return [_roc(day, "年月日"), code, "公司", *prices, *sums, *limits, prices[1], ""]
    if table == "exDailyQ":
        sums = [f"{before - cash - after:.6f}", f"{cash:.6f}", f"{before - after:.6f}", "除權息"]
        apart = [f"{cash:.8f}", f"{1000 * (ratio - 1):.8f}"]
        return [_roc(day), code, "公司  ", *prices, *sums, *limits, prices[1], *apart]
    written = _roc(day).replace("/", "") if table == "revivt" else _roc(day)
    return [written, code, "公司", *prices, *limits, "--", "彌補虧損", f"{code}  ,20240110"]


def _roc(day: pd.Timestamp, signs: str = "") -> str:
    parts = (f"{day.year - 1911}", f"{day:%m}", f"{day:%d}")
    return "".join(a + b for a, b in zip(parts, signs, strict=True)) if signs else "/".join(parts)
