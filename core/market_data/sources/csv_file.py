"""Bars from a CSV file the user names."""

import codecs
import csv
import gzip
import io
import zlib
from datetime import datetime
from pathlib import Path

import pandas as pd

from core.foundation.errors import NotFoundError, SchemaError, SourceError
from core.foundation.printable import printable
from core.market_data.sources.source_contract import within
from core.reference.bar_sources import BarSource
from core.reference.instruments import find
from core.reference.schema import PRICE_COLUMNS, typed_bars
from core.reference.tickers import Ticker

_ALIASES = {
    "date": "session",
    "symbol": "ticker",
    "dividends": "dividend",
    "stock splits": "split_ratio",
}
# yfinance writes the exchange's midnight, "2024-01-02 00:00:00-05:00": the date is the session.
_MIDNIGHT = r"[ T]00:00:00[+-]\d\d:\d\d$"
_NO_TEXT = set(range(32)) - set(b"\t\n\f\r")  # bytes that stand in no text


class CsvSource:
    """A CSV file with a header: session (or Date), open, high, low, close, volume.

    Parameters
    ----------
    path : the file. Columns are found whatever their case; `ticker` (as
        `core.reference.instruments.find` reads it), `dividend` and `split_ratio` are optional, and
        what else it holds is ignored.
    ticker : whose bars they are, for a file without a `ticker` column.

    Raises
    ------
    SourceError : the file is missing or is not CSV.
    SchemaError : it breaks the `bars` contract; names the column.
    """

    name: str = BarSource.CSV

    def __init__(self, path: Path, ticker: Ticker | None = None) -> None:
        frame = _read(path)
        if "ticker" not in frame.columns:
            if ticker is None:
                raise SchemaError(
                    "csv.no-ticker",
                    "{file}: column ticker is missing; name one ticker with --tickers.",
                    {"file": path.name},
                    parameter="ticker",
                )
            frame["ticker"] = ticker.symbol
        for name in ("session", *PRICE_COLUMNS, "volume"):
            if name not in frame.columns:
                column = "Date" if name == "session" else name
                raise SchemaError(
                    "frame.no-column",
                    "{where}: column {column} is missing.",
                    {"where": path.name, "column": column},
                    parameter=name,
                )
        symbols = {name: find(name).symbol for name in frame["ticker"].dropna().unique()}
        frame["ticker"] = frame["ticker"].map(symbols)
        frame = frame.assign(source=self.name, ingested_at=pd.Timestamp.min.tz_localize("UTC"))
        for name, nothing in (("dividend", 0.0), ("split_ratio", 1.0)):
            if name not in frame.columns:
                frame[name] = nothing
        frame["split_ratio"] = frame["split_ratio"].replace(0, 1.0)  # yfinance writes 0 for none
        if pd.api.types.is_string_dtype(frame["session"]):
            frame["session"] = frame["session"].str.replace(_MIDNIGHT, "", regex=True)
        bars = typed_bars(frame, path.name)
        self._bars = bars.sort_values(["ticker", "session"], kind="stable", ignore_index=True)

    def tickers(self) -> list[Ticker]:
        return [Ticker.parse(symbol) for symbol in sorted(self._bars["ticker"].unique())]

    def fetch(
        self,
        ticker: Ticker,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        at: datetime,
    ) -> pd.DataFrame:
        bars = self._bars[self._bars["ticker"] == ticker.symbol]
        if bars.empty:
            raise NotFoundError(
                "csv.other-ticker",
                "{ticker} is not in the CSV file.",
                {"ticker": ticker},
                parameter="ticker",
            )
        return within(bars.assign(ingested_at=pd.Timestamp(at)), start, end)


def _read(path: Path) -> pd.DataFrame:
    text = _text(path)
    names = _header(path.name, text)
    try:
        # Tickers as they stand: as a number 0050 would lose its zeros. Prices exact, so that a
        # file this program wrote gives the same numbers back.
        frame = pd.read_csv(
            io.StringIO(text),
            names=range(len(names)),
            header=0,
            low_memory=False,
            float_precision="round_trip",
            dtype={at: "str" for at, name in enumerate(names) if name == "ticker"},
        )
    except ValueError:  # pandas' own errors are ValueErrors
        raise SourceError(
            "csv.unreadable", "{file} cannot be read as CSV.", {"file": path.name}, parameter="file"
        ) from None
    if frame.empty:
        raise SourceError(
            "csv.no-rows", "{file} has no rows.", {"file": path.name}, parameter="file"
        )
    # As an editor numbers the lines, the header being the first.
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    frame.columns = pd.Index(names)
    return frame


def _text(path: Path) -> str:
    if path.is_char_device():  # such as /dev/zero, which never ends
        raise SourceError(
            "csv.device",
            "{file} is a device; a CSV file is wanted.",
            {"file": path},
            parameter="file",
        )
    try:
        packed = path.suffix == ".gz"
        content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    except FileNotFoundError:
        raise SourceError(
            "csv.no-file", "There is no file {file}.", {"file": path}, parameter="file"
        ) from None
    except (OSError, EOFError, zlib.error):
        raise SourceError(
            "csv.unreadable", "{file} cannot be read as CSV.", {"file": path.name}, parameter="file"
        ) from None
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and not _NO_TEXT.isdisjoint(content):
        raise SourceError(
            "csv.no-text",
            "{file} is no text file; a CSV file is text.",
            {"file": path.name},
            parameter="file",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(
            "csv.bad-encoding",
            "{file} is not UTF-8 text; save it as CSV UTF-8.",
            {"file": path.name},
            parameter="file",
        ) from None


def _header(file: str, text: str) -> list[str]:
    """The columns as they are called here, each once, of a table with no row longer than they."""
    reader = csv.reader(io.StringIO(text, newline=""))
    written: list[str] = []
    try:
        for row in reader:
            written = written or row
            if len(row) > len(written):
                raise SchemaError(
                    "csv.row-too-long",
                    "{file}: row {row} has {cells} cells, the header has {columns}.",
                    {
                        "file": file,
                        "row": reader.line_num,
                        "cells": len(row),
                        "columns": len(written),
                    },
                    parameter="file",
                )
    except csv.Error:
        raise SourceError(
            "csv.unreadable", "{file} cannot be read as CSV.", {"file": file}, parameter="file"
        ) from None
    if not "".join(written).strip():
        raise SourceError("csv.no-rows", "{file} has no rows.", {"file": file}, parameter="file")
    if len(written) == 1 and (";" in written[0] or "\t" in written[0]):
        raise SourceError(
            "csv.bad-separator",
            "{file}: columns must be separated by commas.",
            {"file": file},
            parameter="file",
        )
    first: dict[str, str] = {}
    for cell in filter(str.strip, written):
        name, seen = _column(cell), cell.strip()
        if name in first:
            spelled = {"file": file, "column": printable(first[name])}
            if first[name].casefold() == seen.casefold():
                raise SchemaError(
                    "csv.column-twice",
                    "{file}: column {column} appears twice.",
                    spelled,
                    parameter=name,
                )
            raise SchemaError(
                "csv.column-twice-spelled",
                "{file}: column {column} appears twice, as {column} and as {other}.",
                {**spelled, "other": printable(seen)},
                parameter=name,
            )
        first[name] = seen
    return [_column(cell) or f"column {place}" for place, cell in enumerate(written)]


def _column(name: str) -> str:
    plain = name.strip().lower()
    return _ALIASES.get(plain, plain)
