"""The names above the columns of a table: one line, or levels with a ticker in one of them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.foundation.errors import SchemaError
from core.foundation.printable import printable
from core.market_data.sources.tables import columns
from core.market_data.sources.tables.columns import Words

FIELDS = ("open", "high", "low", "close")
_VOLUMES = ("volume", columns.THOUSANDS, columns.HUNDREDS)
_CORE = {columns.SESSION, columns.TIME, columns.LAST, *_VOLUMES, columns.SHARES, *FIELDS}
_ENOUGH_FIELDS = 3  # by which a line is seen to be a header
_SHARED = 4  # columns that end or begin with one ticker
# As pandas writes a column of two levels: ('Close', 'AAPL')
_PAIR = re.compile(r"""\(\s*['"](.*?)['"]\s*,\s*['"](.*?)['"]\s*\)""")
_BETWEEN = re.compile(r"[ _.:|/-]+")
_NO_NAME = re.compile(r"(unnamed: ?\d+(_level_\d+)?)?", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """One column: its name as written, what it means, and whose it is where the file is wide."""

    name: str
    meaning: str
    ticker: str = ""

    @property
    def nameless(self) -> bool:
        """Whether it is an index that somebody's program wrote along."""
        return _NO_NAME.fullmatch(self.name.strip()) is not None


def headings(cells: Sequence[str], words: Words) -> list[Heading]:
    """What each cell of a line would be as the name of a column."""
    found = [_heading(cell, words) for cell in cells]
    unknown = [at for at, one in enumerate(found) if not one.meaning and not one.nameless]
    parts = {at: _with_ticker(found[at].name, words) for at in unknown}
    count = Counter(one.ticker for ones in parts.values() for one in ones)
    for at, ones in parts.items():
        shared = [one for one in ones if count[one.ticker] >= _SHARED]
        if shared:
            found[at] = max(shared, key=lambda one: count[one.ticker])
    return found


def is_header(found: Sequence[Heading]) -> bool:
    """Whether a line names columns of bars."""
    known = {one.meaning for one in found} & _CORE
    return len(known) >= _ENOUGH_FIELDS or (columns.SESSION in known and len(known) > 1)


def known_fields(found: Sequence[Heading]) -> int:
    """How many columns of bars a line names."""
    return len({one.meaning for one in found} & _CORE)


def with_level(found: Sequence[Heading], level: Sequence[str]) -> list[Heading]:
    """The columns with the ticker of each from another line."""
    tickers = [*level, *[""] * (len(found) - len(level))]
    return [
        one if one.meaning == columns.SESSION else replace(one, ticker=ticker.strip())
        for one, ticker in zip(found, tickers, strict=False)
    ]


def settled(file: str, found: Sequence[Heading]) -> list[Heading]:
    """The columns of a table, each meaning once.

    A last price is the close where there is none, a time the session. Beside a number of shares
    (Stücke) a volume is the money traded.

    Raises
    ------
    SchemaError : two columns mean the same, or one that is needed is missing.
    """
    result = list(found)
    for weak, strong in ((columns.LAST, "close"), (columns.TIME, columns.SESSION)):
        has_strong = any(one.meaning == strong for one in result)
        for at, one in enumerate(result):
            if one.meaning == weak and not (has_strong and weak == columns.TIME):
                result[at] = replace(one, meaning=columns.IGNORED if has_strong else strong)
    if any(one.meaning == columns.SHARES for one in result):
        swapped = {"volume": columns.TURNOVER, columns.SHARES: "volume"}
        result = [replace(one, meaning=swapped.get(one.meaning, one.meaning)) for one in result]
    _check_once(file, result)
    there = {one.meaning for one in result}
    for name in (columns.SESSION, *FIELDS, "volume"):
        if name not in there and not (name == "volume" and there & set(_VOLUMES)):
            shown = "Date" if name == columns.SESSION else name
            raise SchemaError(
                "frame.no-column",
                "{where}: column {column} is missing.",
                {"where": file, "column": shown},
                parameter=name,
            )
    return result


def _check_once(file: str, found: Sequence[Heading]) -> None:
    first: dict[tuple[str, str], str] = {}
    for one in found:
        means = "volume" if one.meaning in _VOLUMES else one.meaning
        if means in (columns.UNKNOWN, columns.IGNORED, columns.NAME, columns.TURNOVER):
            continue
        seen = one.name.strip()
        if (means, one.ticker) not in first:
            first[means, one.ticker] = seen
            continue
        before = first[means, one.ticker]
        values = {"file": file, "column": printable(before)}
        if before.casefold() == seen.casefold():
            raise SchemaError(
                "csv.column-twice",
                "{file}: column {column} appears twice.",
                values,
                parameter=means,
            )
        raise SchemaError(
            "csv.column-twice-spelled",
            "{file}: column {column} appears twice, as {column} and as {other}.",
            {**values, "other": printable(seen)},
            parameter=means,
        )


def _heading(cell: str, words: Words) -> Heading:
    pair = _PAIR.fullmatch(cell.strip())
    if pair is None:
        return Heading(cell, columns.meaning(cell, words))
    for field, ticker in (pair.groups(), pair.groups()[::-1]):
        means = columns.meaning(field, words)
        if means:
            return Heading(field, means, "" if means == columns.SESSION else ticker)
    return Heading(cell, columns.UNKNOWN)


def _with_ticker(name: str, words: Words) -> list[Heading]:
    """How a name would read as a field and a ticker, such as AAPL.Open or Close_2330.TW."""
    found = []
    for between in _BETWEEN.finditer(name):
        left, right = name[: between.start()].strip(), name[between.end() :].strip()
        for field, ticker in ((left, right), (right, left)):
            means = columns.meaning(field, words)
            if means and ticker and means != columns.SESSION:
                found.append(Heading(name, means, ticker))
    return found
