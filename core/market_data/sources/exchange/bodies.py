"""The table in a report of an exchange, as text."""

import re
from typing import Any

import pandas as pd

from core.market_data.sources.exchange import exchange_errors
from core.market_data.sources.exchange.reports import ExchangeReport
from core.market_data.sources.tables.dates import read_dates
from core.market_data.sources.tables.numbers import POINT, read_numbers
from core.reference.tickers import Ticker

_NOTHING = "沒有符合條件"  # what TWSE says instead of an empty table


def table_of(report: ExchangeReport, body: dict[str, Any], ticker: Ticker) -> pd.DataFrame:
    """The rows of a report, all cells text; its columns are named as the exchange writes them.

    TWSE writes `{"stat": "OK", "fields": [...], "data": [[...], ...]}`, TPEx the same one level
    down: `{"stat": "ok", "tables": [{"fields": [...], "data": [[...], ...]}]}`. A report without
    rows gives an empty frame.

    Raises
    ------
    UnavailableError : there is no such table in it.
    """
    status = str(body.get("stat", ""))
    if _NOTHING in status:
        return pd.DataFrame()
    tables = body.get("tables")
    table = tables[0] if isinstance(tables, list) and tables else body
    if status.lower() != "ok" or not isinstance(table, dict):
        raise exchange_errors.unreadable(report, ticker)
    fields, rows = table.get("fields"), table.get("data")
    if not rows and (tables == [] or rows == []):
        return pd.DataFrame()
    if not isinstance(fields, list) or not isinstance(rows, list):
        raise exchange_errors.unreadable(report, ticker)
    if any(not isinstance(row, list) or len(row) != len(fields) for row in rows):
        raise exchange_errors.unreadable(report, ticker)
    names = [re.sub(r"\s", "", str(field)) for field in fields]
    return pd.DataFrame([[str(cell) for cell in row] for row in rows], columns=names)


def column(table: pd.DataFrame, *patterns: str) -> pd.Series | None:
    """The first column whose name has the first of the patterns that any has; None if none has."""
    for pattern in patterns:
        for at, name in enumerate(table.columns):
            if re.search(pattern, name):
                return table.iloc[:, at]
    return None


def dates(report: ExchangeReport, cells: pd.Series) -> pd.Series:
    """Days of the Republic (115/10/27, 115年10月27日 or 1151027) as sessions; NaT where none is."""
    stamps = read_dates(cells, report.name, taiwan=True).stamps
    return pd.Series(
        [pd.NaT if one is None else one.moment for one in stamps], cells.index, "datetime64[ns]"
    )


def numbers(report: ExchangeReport, cells: dict[str, pd.Series]) -> pd.DataFrame:
    """Columns of text as float64; commas part thousands, and -- is NaN.

    Raises
    ------
    SchemaError : a cell is no number; names the column and the row.
    """
    return pd.DataFrame(read_numbers(cells, report.name, ",", POINT))
