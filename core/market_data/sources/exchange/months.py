"""A month of daily bars, out of the report of an exchange."""

from typing import Any

import pandas as pd

from core.market_data.sources.exchange import exchange_errors
from core.market_data.sources.exchange.bodies import column, dates, numbers, table_of
from core.market_data.sources.exchange.reports import ExchangeReport, code_of
from core.market_data.sources.tables import columns
from core.market_data.sources.tables.numbers import is_dash
from core.market_data.sources.tables.volume_units import LOT
from core.reference.schema import PRICE_COLUMNS
from core.reference.tickers import Ticker

_VALUES = (*PRICE_COLUMNS, "volume", "change")


def month_bars(
    report: ExchangeReport, body: dict[str, Any], ticker: Ticker, month: pd.Timestamp
) -> pd.DataFrame:
    """The bars of a month as the exchange traded them.

    Parameters
    ----------
    body : as `core.market_data.sources.exchange.bodies.table_of` has it. TWSE's columns are 日期,
        成交股數, 成交金額, 開盤價, 最高價, 最低價, 收盤價, 漲跌價差, 成交筆數; TPEx's 日 期, 成交張數
        (lots of 1,000), 成交仟元, 開盤, 最高, 最低, 收盤, 漲跌, 筆數.
    month : its first day.

    Returns
    -------
    `session` and float64 columns open, high, low, close, `volume` in shares and `change`, the
    exchange's own from the reference price. `change` is NaN where the exchange compares with
    nothing, which it writes as X0.00 on an ex date or after a halt. A session with -- for its four
    prices is a halt and no row.

    Raises
    ------
    SchemaError : the report is of another code or month, or a cell is no number.
    UnavailableError : it has no such columns.
    """
    table = table_of(report, body, ticker)
    if table.empty:
        return pd.DataFrame({"session": pd.Series(dtype="datetime64[ns]")}).assign(
            **{name: pd.Series(dtype=float) for name in _VALUES}
        )
    if not _is_of(body, code_of(ticker)):
        raise exchange_errors.of_another(report, ticker)
    found = _by_meaning(table)
    change = column(table, "漲跌")
    volume = found.get("volume", found.get(columns.THOUSANDS))
    if change is None or volume is None or not {columns.SESSION, *PRICE_COLUMNS} <= found.keys():
        raise exchange_errors.unreadable(report, ticker)
    traded = ~pd.DataFrame({name: found[name].map(is_dash) for name in PRICE_COLUMNS}).all(axis=1)
    cells = {name: found[name][traded] for name in PRICE_COLUMNS} | {"volume": volume[traded]}
    bars = numbers(report, cells)
    if "volume" not in found:
        bars["volume"] *= LOT
    plain = change[traded].str.replace(",", "")
    bars = bars.assign(
        session=dates(report, found[columns.SESSION][traded]),
        change=pd.to_numeric(plain, errors="coerce"),
    )
    if not bars["session"].between(month, month + pd.offsets.MonthEnd()).all():
        raise exchange_errors.of_another(report, ticker)
    return bars[["session", *_VALUES]].reset_index(drop=True)


def _by_meaning(table: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns of bars by what `columns.csv` says of their names."""
    words = columns.known_words()
    return {columns.meaning(str(name), words): cells for name, cells in table.items()}


def _is_of(body: dict[str, Any], code: str) -> bool:
    """Whether a report says that it is of this code, or does not say of which: TWSE names it in
    its title (115年03月 2330 台積電 各日成交資訊), TPEx apart."""
    named = body.get("code") or body.get("title")
    return not named or code in str(named).split()
