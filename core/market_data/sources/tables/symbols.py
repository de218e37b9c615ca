"""Whose bars a table holds."""

import re

import pandas as pd

from core.foundation.errors import SchemaError
from core.market_data.sources.tables import columns
from core.market_data.sources.tables.layout import Layout
from core.market_data.sources.tables.options import Understood
from core.reference.instruments import naming
from core.reference.tickers import Ticker

_TITLE = re.compile(r"(?<!\d)(\d{4,6}[A-Z]?)\s.*各日成交資訊|[股證]\w代[號碼]\s*[:：]\s*(\w+)")


def tickers_of(
    understood: Understood, cells: pd.DataFrame, layout: Layout, ticker: Ticker | None
) -> "pd.Series | str":
    """The symbol of each row: from a column, else from a title, else the one that was named.

    Parameters
    ----------
    understood : names the file; how a ticker in it was read is noted there.
    cells : the rows as text, a column a meaning; None where a cell of a ticker is empty.
    ticker : the one that a person named, if one was.

    Raises
    ------
    SchemaError : nobody says whose rows they are, or the file says of several or of another.
    InvalidInputError : a ticker in it is not known.
    """
    file = understood.file
    written = "ticker" if "ticker" in cells else ""
    if not written and columns.NAME in cells:
        names = cells[columns.NAME].str.strip().unique()
        written = columns.NAME if len(names) > 1 or (ticker is None and names[0]) else ""
    if written:
        plain = cells[written].str.strip()
        symbols = {name: _symbol(name, ticker, understood) for name in plain.unique()}
        return plain.map(symbols)
    codes = dict.fromkeys(
        found[1] or found[2] for _, text in layout.passed_over if (found := _TITLE.search(text))
    )
    if len(codes) > 1:
        raise SchemaError(
            "csv.two-companies",
            "{file} holds several companies, {codes: and }; give a file for each.",
            {"file": file, "codes": list(codes)},
            parameter="ticker",
        )
    for code in codes:
        if ticker is not None and _stem(ticker.symbol) != code:
            raise SchemaError(
                "csv.title-of-another",
                "{file} says above its table that it is of {code}, not of {ticker}.",
                {"file": file, "code": code, "ticker": ticker},
                parameter="ticker",
            )
        return _symbol(code, ticker, understood) or ""
    if ticker is None:
        raise SchemaError(
            "csv.no-ticker",
            "{file}: column ticker is missing; name one ticker with --tickers.",
            {"file": file},
            parameter="ticker",
        )
    return ticker.symbol


def _symbol(written: str, ticker: Ticker | None, understood: Understood) -> str | None:
    """The symbol a cell means; one named by a person is meant by its code alone too.

    How it was read is noted where that has to be said.
    """
    if not written:
        return None
    if ticker is not None:
        own = ticker.symbol
        if written.upper() in (own, _stem(own), f"{own}.US"):
            return own
    found = naming(written)
    understood.notes += [] if found.note is None else [found.note]
    return found.ticker.symbol


def _stem(symbol: str) -> str:
    return symbol.partition(".")[0]
