"""Bars from a CSV file the user names."""

import zlib
from datetime import datetime
from pathlib import Path
from typing import Literal

import pandas as pd

from core.errors import NotFoundError, SchemaError, SourceError
from core.instruments import find
from core.market.sources import within
from core.schema import PRICE_COLUMNS, typed_bars
from core.tickers import Ticker

_ALIASES = {
    "date": "session",
    "symbol": "ticker",
    "dividends": "dividend",
    "stock splits": "split_ratio",
}
# yfinance writes the exchange's midnight, "2024-01-02 00:00:00-05:00": the date is the session.
_MIDNIGHT = r"[ T]00:00:00[+-]\d\d:\d\d$"


class CsvSource:
    """A CSV file with a header: session (or Date), open, high, low, close, volume.

    Parameters
    ----------
    path : the file. Columns are found whatever their case; `ticker` (as `core.instruments.find`
        reads it), `dividend` and `split_ratio` are optional, and what else it holds is ignored.
    ticker : whose bars they are, for a file without a `ticker` column.

    Raises
    ------
    SourceError : the file is missing or is not CSV.
    SchemaError : it breaks the `bars` contract; names the column.
    """

    name = "csv"

    def __init__(self, path: Path, ticker: Ticker | None = None) -> None:
        frame = _read(path)
        if "ticker" not in frame.columns:
            if ticker is None:
                raise SchemaError(
                    f"{path.name}: column ticker is missing; name one ticker with --tickers.",
                    "ticker",
                )
            frame["ticker"] = ticker.symbol
        for name in ("session", *PRICE_COLUMNS, "volume"):
            if name not in frame.columns:
                told = "Date" if name == "session" else name
                raise SchemaError(f"{path.name}: column {told} is missing.", name)
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
            raise NotFoundError(f"{ticker} is not in the CSV file.", "ticker")
        return within(bars.assign(ingested_at=pd.Timestamp(at)), start, end)


def _read(path: Path) -> pd.DataFrame:
    try:
        packed: Literal["gzip"] | None = "gzip" if path.suffix == ".gz" else None
        header = pd.read_csv(path, nrows=0, compression=packed).columns
        # Tickers as they stand: as a number 0050 would lose its zeros. Prices exact, so that a
        # file this program wrote gives the same numbers back.
        frame = pd.read_csv(
            path,
            low_memory=False,
            compression=packed,
            float_precision="round_trip",
            dtype={name: "str" for name in header if _column(name) == "ticker"},
        )
    except FileNotFoundError:
        raise SourceError(f"There is no file {path}.", "file") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path.name} is not UTF-8 text; save it as CSV UTF-8.", "file") from None
    except (OSError, ValueError, EOFError, zlib.error):  # pandas' own errors are ValueErrors
        raise SourceError(f"{path.name} cannot be read as CSV.", "file") from None
    if frame.empty:
        raise SourceError(f"{path.name} has no rows.", "file")
    names = [_column(name) for name in frame.columns]
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        raise SourceError(f"{path.name}: columns must be separated by commas.", "file")
    # As an editor numbers the lines, the header being the first.
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    frame.columns = pd.Index(names)
    if frame.columns.has_duplicates:
        repeated = frame.columns[frame.columns.duplicated()][0]
        raise SchemaError(f"{path.name}: column {repeated} appears twice.", repeated)
    return frame


def _column(name: object) -> str:
    plain = str(name).strip().lower()
    return _ALIASES.get(plain, plain)
