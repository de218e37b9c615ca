"""Numbers as people's files write them: thousands, a decimal comma, 51.86M, -- for none."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from core.foundation.errors import SchemaError
from core.foundation.printable import printable

POINT, COMMA = ".", ","
MARKS = {"point": POINT, "comma": COMMA}
_EITHER = "either"  # some cells have one and some the other
# Nothing was traded; Bloomberg writes #N/A N/A.
DASHES = frozenset({"-", "--", "---", "----", "\N{EM DASH}", "\N{EN DASH}", "N/A N/A"})
_MISSING = DASHES | {
    "n/a n/a",
    "",
    "nan",
    "null",
    "none",
    "n/a",
    "na",
    "#n/a",
    "n.a.",
    "n/d",
    "<na>",
    "nat",
}
_SIZES = {"k": 3, "m": 6, "b": 9, "bn": 9, "mio": 6, "mrd": 9, "t": 12}
_SIZES |= {"千": 3, "仟": 3, "萬": 4, "万": 4, "百萬": 6, "億": 8, "亿": 8}
_TEXT_CELL = re.compile(r'="(.*)"')  # what keeps a spreadsheet from reading a number
_MARKS = re.compile(r"^[*#\s]+|[*#\s]+$")
_CURRENCY = re.compile(
    r"(?:NT|US|HK|A|C|S|R)?[$€£¥₩₹]|[A-Z]{3}(?=\s)|(?<=\s)(?:[A-Z]{3}|kr|zł)$|元$"
)
_SIZED = re.compile(r"(.*\d\.?)\s*(k|m|bn?|t|mio\.?|mrd\.?|千|仟|百萬|萬|万|億|亿)", re.IGNORECASE)
_SPACED = re.compile(r"(?<=\d)[ '\u2019](?=\d{3}(?!\d))")
_PLAIN = {
    mark: re.compile(
        rf"[-+]?(?:\d+|\d{{1,3}}(?:{other}\d{{2,3}})*{other}\d{{3}})?(?:{own}\d*)?"
        r"(?:e[-+]?\d{1,4})?"
    )
    for mark, own, other in ((POINT, r"\.", ","), (COMMA, ",", r"\."))
}
_ACTION_ROW = re.compile(r"分割|併合|配当|配息|除息|除權|dividend|split", re.IGNORECASE)
_BARE = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_GROUP = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")


def read_numbers(
    cells: Mapping[str, pd.Series], file: str, separator: str, decimal: str | None = None
) -> dict[str, pd.Series]:
    """Columns of text as numbers, NaN where a cell says that there is none.

    Parameters
    ----------
    cells : columns by their meaning, each indexed by its rows as an editor counts.
    separator : of the file's cells; between semicolons a comma may well be the decimal one.
    decimal : `POINT` or `COMMA`, where a person says so.

    Raises
    ------
    SchemaError : a cell is no number, or nothing in the file says whether 1,234 is a thousand.
    """
    bare = {name: {cell: _bare(cell) for cell in column.unique()} for name, column in cells.items()}
    marks = {name: _decimal_marks(texts.values()) for name, texts in bare.items()}
    everywhere = set().union(*marks.values()) if marks else set()
    read = {}
    for name, column in cells.items():
        own = marks[name]
        mark = decimal or _chosen(own, everywhere)
        if mark is None:
            unclear = [cell for cell, text in bare[name].items() if _GROUP.fullmatch(text)]
            if name == "volume" and unclear:
                mark = COMMA if "." in unclear[0] else POINT
            elif separator == ";" and unclear:
                raise _undecided(file, name, column, unclear[0])
            else:
                mark = POINT
        values = {cell: _number(text, mark) for cell, text in bare[name].items()}
        read[name] = _all(column, values, name, file)
    return read


def is_dash(cell: str) -> bool:
    """Whether a cell says, as exchanges do, that nothing was traded."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", cell)) in DASHES


def is_nothing(cell: str) -> bool:
    """Whether a cell holds no number, or 0."""
    text = _bare(cell)
    return text in _MISSING or _number(text, POINT) == 0


def _all(column: pd.Series, values: dict[str, float | None], name: str, file: str) -> pd.Series:
    wrong = [cell for cell, value in values.items() if value is None]
    if wrong:
        bad = column.isin(wrong)
        _refuse_action(column[bad], file)
        raise SchemaError(
            "frame.not-a-number",
            '{where}: {column} has "{value}" in row {row}, not a number.',
            {
                "where": file,
                "column": name,
                "value": printable(str(column[bad].iloc[0])),
                "row": column.index[bad][0],
            },
            parameter=name,
        )
    numbers = np.array([values[cell] for cell in column], dtype="float64")
    return pd.Series(numbers, index=column.index)


def _refuse_action(bad: pd.Series, file: str) -> None:
    """Say so where a row names an action in place of prices, as Yahoo Japan does a split."""
    named = bad[bad.str.contains(_ACTION_ROW)]
    if len(named):
        raise SchemaError(
            "csv.action-row",
            '{file}: row {row} names an action, "{value}"; take the row out, and say it in a '
            "column Stock Splits or Dividends on its ex date.",
            {"file": file, "row": named.index[0], "value": printable(str(named.iloc[0]))},
            parameter="file",
        )


def _chosen(own: set[str], everywhere: set[str]) -> str | None:
    for known in (own, everywhere):
        if len(known) == 1:
            return next(iter(known))
        if known:
            return _EITHER
    return None


def _bare(cell: str) -> str:
    """A number without currency, marks and spaces between thousands; 51.86M as 51.86e6."""
    if _BARE.fullmatch(cell):  # as most are
        return cell
    text = unicodedata.normalize("NFKC", cell).strip()
    text = _TEXT_CELL.sub(r"\1", text).replace("\N{MINUS SIGN}", "-")
    text = _MARKS.sub("", text)
    if text.lower() in _MISSING:
        return ""
    text = _CURRENCY.sub("", text).strip()
    sized = _SIZED.fullmatch(text)
    text = _SPACED.sub("", sized.group(1) if sized else text)
    return f"{text}e{_SIZES[sized.group(2).lower().rstrip('.')]}" if sized else text.lower()


def _decimal_marks(texts: Iterable[str]) -> set[str]:
    """Which marks cells use as the decimal one, as far as they tell."""
    found = set()
    for text in texts:
        digits = text.partition("e")[0]
        points, commas = digits.count("."), digits.count(",")
        if points and commas:
            found.add(POINT if digits.rfind(".") > digits.rfind(",") else COMMA)
        elif points > 1:
            found.add(COMMA)
        elif commas > 1:
            found.add(POINT)
        elif points + commas == 1 and not _GROUP.fullmatch(digits):
            found.add(POINT if points else COMMA)
    return found


def _number(text: str, decimal: str) -> float | None:
    if not text:
        return np.nan
    if decimal == _EITHER:
        decimal = COMMA if COMMA in text else POINT
        if _GROUP.fullmatch(text) or (COMMA in text and POINT in text):
            return None
    if not _PLAIN[decimal].fullmatch(text) or not any(map(str.isdigit, text)):
        return None
    plain = text.replace(COMMA if decimal == POINT else POINT, "")
    return float(plain.replace(COMMA, POINT))


def _undecided(file: str, name: str, column: pd.Series, cell: str) -> SchemaError:
    return SchemaError(
        "csv.decimal-undecided",
        '{file}: nothing says whether "{value}" in {column} (row {row}) has thousands or decimals; '
        "say --decimal comma or --decimal point.",
        {
            "file": file,
            "value": printable(cell),
            "column": name,
            "row": column.index[column == cell][0],
        },
        parameter="decimal",
    )
