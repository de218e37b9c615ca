"""Where the table of a file is: its separator, its header wherever it stands, and its rows."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.foundation.errors import SchemaError, SourceError
from core.market_data.sources.tables import columns, headings
from core.market_data.sources.tables.columns import Words
from core.market_data.sources.tables.dates import looks_like_date
from core.market_data.sources.tables.headings import FIELDS, Heading

SEPARATORS = (",", ";", "\t", "|")
_HEADER_WITHIN = 60  # lines, titles included
_SAMPLE_LINES = 80
_NAMED_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_FIGURE = re.compile(r"[-+=(\"]{0,2}\D{0,4}\d[\d.,' \u00a0\u202f\u2019]*\D{0,4}")
Row = tuple[int, list[str]]


@dataclass
class Section:
    """Rows below one header; `header` is the line it stands in."""

    header: int
    headings: list[Heading]
    rows: list[Row] = field(default_factory=list)


@dataclass
class Layout:
    """A file as sections of rows, each with its line as an editor counts; and what is no bar."""

    separator: str
    sections: list[Section]
    passed_over: list[tuple[int, str]]


def lay_out(file: str, text: str, words: Words) -> Layout:
    """Find the table, or tables one below the other, in a text.

    Parameters
    ----------
    file : its name, for errors.
    words : see `columns.known_words`.

    Raises
    ------
    SourceError : there is no row, or a quotation mark is not paired.
    SchemaError : no header, a column that is missing or there twice, a row longer than the header.
    """
    separator = _separator(text, words)
    rows = [row for row in _rows(file, text, separator) if any(map(str.strip, row[1]))]
    if rows and _NAMED_SEPARATOR.fullmatch(separator.join(rows[0][1]).strip()):
        rows = rows[1:]
    if not rows:
        raise _no_rows(file)
    layout = Layout(separator, [], [])
    at = 0
    while at < len(rows):
        may_be = _may_be_header(layout, at, rows[at][1])
        size, found = _header_at(rows, at, words) if may_be else (0, [])
        if not size:
            _add(file, layout, rows[at])
            at += 1
            continue
        previous = layout.sections[-1].headings if layout.sections else None
        if previous is None or [one.name for one in previous] != [one.name for one in found]:
            after = rows[at + size : at + size + 1]
            found = headings.settled(file, _with_index(found, after))
            layout.sections.append(Section(rows[at + size - 1][0], found))
        at += size
    if not layout.sections:
        raise _no_header(file, rows)
    if not any(section.rows for section in layout.sections):
        raise _no_rows(file)
    return layout


def _may_be_header(layout: Layout, at: int, cells: Sequence[str]) -> bool:
    if not layout.sections:
        return at < _HEADER_WITHIN
    above = layout.sections[-1].headings  # looked at in every row, and most are bars
    return not (_has_price(above, cells) and _has_date(above, cells))


def _header_at(rows: Sequence[Row], at: int, words: Words) -> tuple[int, list[Heading]]:
    """The header that begins in this line and how many lines it has; none is 0 lines."""
    cells = rows[at][1]
    if any(map(_FIGURE.fullmatch, cells)) and not any(map(str.isalpha, "".join(cells))):
        return 0, []
    following = [rows[one][1] for one in range(at + 1, min(at + 3, len(rows)))]
    for index, row in enumerate(following):  # a line with nothing but the name of the index
        if _names_index(row, words):
            return _levels([cells, *following[:index]], row, words)
    found = headings.headings(cells, words)
    if following and not headings.is_header(found):  # tickers above, names below
        below = headings.headings(following[0], words)
        if _is_level(cells, below) and headings.is_header(below) and _repeats(below):
            return 2, headings.with_level(below, cells)
    if not headings.is_header(found):
        return 0, []
    if following and _is_level(following[0], found):
        return 2, headings.with_level(found, following[0])
    return 1, found


def _names_index(row: Sequence[str], words: Words) -> bool:
    alone = not any(map(str.strip, row[1:])) and len(row) > 2
    return alone and columns.meaning(row[0], words) == columns.SESSION


def _levels(lines: list[list[str]], index: list[str], words: Words) -> tuple[int, list[Heading]]:
    """The header of one or two lines above the name of the index."""
    ranked = sorted(
        lines, key=lambda line: -headings.known_fields(headings.headings(line[1:], words))
    )
    found = [Heading(index[0], columns.SESSION), *headings.headings(ranked[0][1:], words)]
    if not headings.is_header(found):
        return 0, []
    if len(ranked) > 1:
        found = headings.with_level(found, ranked[1])
    return len(lines) + 1, found


def _is_level(row: Sequence[str], found: Sequence[Heading]) -> bool:
    """Whether a line holds tickers for the columns: nothing above the session, text elsewhere."""
    at = [place for place, one in enumerate(found) if one.meaning == columns.SESSION]
    if len(at) != 1 or len(row) != len(found) or row[at[0]].strip():
        return False
    others = [cell.strip() for place, cell in enumerate(row) if place != at[0]]
    return all(cell and not _FIGURE.fullmatch(cell) or cell.isdigit() for cell in others)


def _repeats(found: Sequence[Heading]) -> bool:
    known = [one.meaning for one in found if one.meaning in FIELDS]
    return len(set(known)) < len(known)


def _with_index(found: list[Heading], after: Sequence[Row]) -> list[Heading]:
    """A first column without a name of its own is the session where it holds dates."""
    named = any(one.meaning in (columns.SESSION, columns.TIME) for one in found)
    if named or not found or not after or not looks_like_date(after[0][1][0]):
        return found
    if found[0].meaning in FIELDS:
        return found
    return [Heading(found[0].name, columns.SESSION), *found[1:]]


def _add(file: str, layout: Layout, row: Row) -> None:
    line, cells = row
    if not layout.sections or not _is_bar(layout.sections[-1].headings, cells):
        layout.passed_over.append((line, " ".join(filter(None, map(str.strip, cells)))))
        return
    section = layout.sections[-1]
    width = len(section.headings)
    if any(map(str.strip, cells[width:])):
        raise SchemaError(
            "csv.row-too-long",
            "{file}: row {row} has {cells} cells, the header has {columns}.",
            {"file": file, "row": line, "cells": len(cells), "columns": width},
            parameter="file",
        )
    section.rows.append((line, [*cells[:width], *[""] * (width - len(cells))]))


def _is_bar(found: Sequence[Heading], cells: Sequence[str]) -> bool:
    """Whether a row has a date, or a price without one; all else is a title or a note."""
    if _has_price(found, cells) or _has_date(found, cells):
        return True
    return len(cells) >= len(found) and all(map(str.strip, cells[: len(found)]))


def _has_price(found: Sequence[Heading], cells: Sequence[str]) -> bool:
    pairs = zip(found, cells, strict=False)
    return any(one.meaning in FIELDS and _FIGURE.fullmatch(cell.strip()) for one, cell in pairs)


def _has_date(found: Sequence[Heading], cells: Sequence[str]) -> bool:
    pairs = zip(found, cells, strict=False)
    return any(one.meaning == columns.SESSION and looks_like_date(cell) for one, cell in pairs)


def _separator(text: str, words: Words) -> str:
    """What stands between cells: by which the best header comes out, then the most cells."""
    start = list(io.StringIO(text, newline=""))[:_SAMPLE_LINES]
    named = _NAMED_SEPARATOR.fullmatch(start[0].strip()) if start else None
    if named:
        return named.group(1)
    best, chosen = (-1, -1), SEPARATORS[0]
    for separator in SEPARATORS:
        rows = [_cells(line, separator) for line in start]
        fields = max(
            (headings.known_fields(headings.headings(row, words)) for row in rows), default=0
        )
        cells = max((len(row) for row in rows), default=0) if fields == 0 else 0
        if (fields, cells) > best:
            best, chosen = (fields, cells), separator
    return chosen


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _rows(file: str, text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise SourceError(
            "csv.bad-quote",
            "{file}: row {row} has a quotation mark that is not paired.",
            {"file": file, "row": line},
            parameter="file",
        ) from None


def _no_rows(file: str) -> SourceError:
    return SourceError("csv.no-rows", "{file} has no rows.", {"file": file}, parameter="file")


def _no_header(file: str, rows: Sequence[Row]) -> SchemaError:
    for line, cells in rows[:_HEADER_WITHIN]:
        adjusted = [cell.strip() for cell in cells if columns.is_adjusted_price(cell)]
        if len(adjusted) >= len(FIELDS):
            return SchemaError(
                "csv.only-adjusted",
                "{file} has adjusted prices only, {columns}, in row {row}; give those as traded, "
                "in columns such as Open, High, Low and Close.",
                {"file": file, "columns": adjusted, "row": line},
                parameter="file",
            )
    first = next((line for line, cells in rows if cells and looks_like_date(cells[0])), None)
    if first is not None:
        return SchemaError(
            "csv.no-header",
            "{file} has no header; write a first line such as Date,Open,High,Low,Close,Volume that "
            "names the columns of row {row}.",
            {"file": file, "row": first},
            parameter="file",
        )
    return SchemaError(
        "csv.unknown-header",
        "{file}: no line names the columns of bars, such as Date,Open,High,Low,Close,Volume.",
        {"file": file},
        parameter="file",
    )
