"""Bars from CSV files the user names."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from core.foundation.errors import InvalidInputError, NotFoundError, SourceError
from core.market_data.sources.source_contract import within
from core.market_data.sources.tables.bars import read_bars
from core.market_data.sources.tables.columns import known_words
from core.market_data.sources.tables.options import TableOptions, Understood
from core.market_data.sources.tables.text import FileBytes, read_bytes
from core.reference.bar_sources import BarSource
from core.reference.tickers import Ticker

_ENDINGS = (".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz")
_PATTERN = set("*?[")


class CsvSource:
    """Files with a header, as vendors, exchanges and programs write them.

    Parameters
    ----------
    path : the file, or several; folders and patterns stand for the files in them, and bytes for
        themselves. Columns are found by what they are called, see
        `core.market_data.sources.tables`; tickers in them as `core.reference.instruments.find`
        reads them.
    ticker : whose bars they are, for a file that does not say.
    options : what a person says of the files.
    words : a person's own table of words, if there is one.

    Attributes
    ----------
    understood : what was made of each file.

    Raises
    ------
    SourceError : a file is missing or is not CSV.
    SchemaError : it breaks the `bars` contract; names the column.
    """

    name: str = BarSource.CSV

    def __init__(
        self,
        path: Path | Sequence[Path | FileBytes],
        ticker: Ticker | None = None,
        options: TableOptions = TableOptions(),
        words: Path | None = None,
    ) -> None:
        known, found = known_words(words), []
        self.understood: list[Understood] = []
        for one in files_of([path] if isinstance(path, Path) else path):
            content = one.content if isinstance(one, FileBytes) else read_bytes(one)
            frame, understood = read_bars(one.name, content, ticker, options, known)
            found.append(frame.assign(source=self.name))
            self.understood.append(understood)
        bars = pd.concat(found, ignore_index=True)
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


def files_of(paths: Sequence[Path | FileBytes]) -> list[Path | FileBytes]:
    """The files that paths name: those of a folder, those that fit a pattern, or the path itself.

    Bytes are themselves.

    Raises
    ------
    InvalidInputError : no path is named.
    SourceError : a folder or a pattern holds none.
    """
    if not paths:
        raise InvalidInputError(
            "source.no-file-named",
            "The csv source needs a file; name it with --file.",
            parameter="file",
        )
    found: list[Path | FileBytes] = []
    for path in paths:
        if isinstance(path, FileBytes):
            found.append(path)
            continue
        if path.is_dir():
            ones = [one for one in path.iterdir() if one.name.lower().endswith(_ENDINGS)]
        elif not _PATTERN.isdisjoint(path.name) and not path.exists():
            ones = list(path.parent.glob(path.name))
        else:
            ones = [path]
        if not ones:
            raise SourceError(
                "csv.no-files",
                "There is no CSV file in {place}.",
                {"place": path},
                parameter="file",
            )
        found += sorted(ones)
    return list(dict.fromkeys(found))
