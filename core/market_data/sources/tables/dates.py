"""Dates as people's files write them, read by the whole column and never by a guess."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
from dateutil import parser

from core.foundation.errors import SchemaError
from core.foundation.printable import printable

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ORDERS = (DAY_FIRST, MONTH_FIRST)
_YEAR_FIRST, _REPUBLIC = "year-first", "roc"
_ROC = 1911  # years that a year of the Republic of China is behind
_FIRST_ROC = 51  # the first year of the exchange in Taipei
_EXCEL_ZERO = date(1899, 12, 30)
_EXCEL = range(20_000, 80_000)  # 1954 to 2119
_SEPARATOR = r"\s?[-/.年月]\s?"
_CLOCK = (
    r"(?:(?:\s+|T)(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[-+]\d{2}:?\d{2})?)?"
)
_NUMERIC = re.compile(
    rf"(?:民國|中華民國)?\s*(?P<a>\d{{1,4}}){_SEPARATOR}(?P<b>\d{{1,2}}){_SEPARATOR}(?P<c>\d{{1,4}})日?"
    + _CLOCK
)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?[-/ .]+[A-Za-z]{3,9}[-/ .,]+(?:\d{4}|\d{2})"
    r"|[A-Za-z]{3,9}[-/ .]+\d{1,2}(?:st|nd|rd|th)?[-/ ,]+\d{4}"
    r"|\d{4}[-/ ][A-Za-z]{3,9}[-/ ]\d{1,2})" + _CLOCK
)
_DIGITS = re.compile(r"(\d+)(?:\.0+)?")
_STAMPED = re.compile(r"(\d{8})[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?")
_TEXT_CELL = re.compile(r'="(.*)"')
_EPOCH = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}  # digits, units a second


@dataclass(frozen=True)
class DateStamp:
    """One date on a clock: `moment` without a zone, and the minutes it is ahead of UTC if known."""

    moment: datetime
    offset: int | None = None
    has_clock: bool = False


@dataclass(frozen=True)
class ReadDates:
    """The stamps of a column, None where a cell is none, and how day and month were told apart."""

    stamps: pd.Series
    order: str


def looks_like_date(cell: str) -> bool:
    """Whether a cell has the form of a date, whatever it would be."""
    text = bare(cell)
    digits = _DIGITS.fullmatch(text)
    if digits:
        return _of_digits(digits.group(1)) is not None
    return any(form.fullmatch(text) for form in (_NUMERIC, _NAMED, _STAMPED))


def read_dates(
    cells: pd.Series, file: str, order: str | None = None, taiwan: bool = False
) -> ReadDates:
    """A column of text as stamps.

    Parameters
    ----------
    cells : text, indexed by rows as an editor counts.
    order : `DAY_FIRST` or `MONTH_FIRST`, where a person says so; else the column decides.
    taiwan : whether two digits that come first are a year of the Republic of China.

    Raises
    ------
    SchemaError : nothing in the column says whether 03/04/2026 is in March or April, or it
        says both.
    """
    texts = {cell: bare(cell) for cell in cells.unique()}
    numeric = {cell: _NUMERIC.fullmatch(text) for cell, text in texts.items()}
    parts = {cell: (found["a"], found["b"], found["c"]) for cell, found in numeric.items() if found}
    orders = _order(cells, parts, file, order)
    if (
        orders == _YEAR_FIRST
        and taiwan
        and all(int(one[0]) >= _FIRST_ROC for one in parts.values())
    ):
        orders = _REPUBLIC
    stamps = {}
    for cell, text in texts.items():
        try:
            stamps[cell] = _stamp(text, numeric[cell], orders)
        except (ValueError, OverflowError):  # no such day
            stamps[cell] = None
    found = pd.Series([stamps[cell] for cell in cells], index=cells.index, dtype=object)
    return ReadDates(found, orders)


def bare(cell: str) -> str:
    """A date without marks such as that of a first session, and in narrow letters."""
    text = unicodedata.normalize("NFKC", cell).strip()
    return _TEXT_CELL.sub(r"\1", text).strip("*# '\"")


def _stamp(text: str, numeric: "re.Match[str] | None", order: str) -> DateStamp | None:
    if numeric is not None:
        year, month, day = _year_month_day((numeric["a"], numeric["b"], numeric["c"]), order)
        return _with_clock(datetime(year, month, day), numeric)
    digits = _DIGITS.fullmatch(text)
    if digits:
        return _of_digits(digits.group(1))
    stamped = _STAMPED.fullmatch(text)
    if stamped:
        moment = datetime.strptime(stamped[1], "%Y%m%d")
        clock = timedelta(
            hours=int(stamped[2]), minutes=int(stamped[3]), seconds=int(stamped[4] or 0)
        )
        return DateStamp(moment + clock, None, bool(clock))
    named = _NAMED.fullmatch(text)
    if named:
        plain = text[: named.start("clock")] if named["clock"] else text
        return _with_clock(parser.parse(plain.rstrip("T ")), named)
    return None


def _with_clock(day: datetime, found: "re.Match[str]") -> DateStamp:
    if not found["clock"]:
        return DateStamp(day)
    half = (found["half"] or "").replace(".", "")
    clock = parser.parse(f"{found['clock'].replace(',', '.')} {half}".strip(), default=day)
    zone, offset = found["zone"], None
    if zone:
        sign = -1 if zone.startswith("-") else 1
        figures = zone.strip("+-").replace(":", "")
        offset = sign * (int(figures[:2]) * 60 + int(figures[2:])) if figures.isdigit() else 0
    return DateStamp(clock, offset, True)


def _of_digits(text: str) -> DateStamp | None:
    """A date that is digits alone, by how many: 20261127, 1151127, 46322, seconds since 1970."""
    if len(text) == 8:
        return _day(text[:4], text[4:])
    if len(text) == 7:
        return _day(str(int(text[:3]) + _ROC), text[3:])
    if len(text) == 5 and int(text) in _EXCEL:
        return DateStamp(datetime.combine(_EXCEL_ZERO, datetime.min.time()) + timedelta(int(text)))
    units = _EPOCH.get(len(text)) or (1 if len(text) == 9 else _EPOCH.get(len(text) + 1))
    if units is None or len(text) < 9:
        return None
    moment = datetime(1970, 1, 1) + timedelta(seconds=int(text) / units)
    return DateStamp(moment, 0, True)


def _day(year: str, rest: str) -> DateStamp | None:
    try:
        return DateStamp(datetime(int(year), int(rest[:2]), int(rest[2:])))
    except ValueError:
        return None


_Parts = tuple[str, str, str]


def _year_month_day(parts: _Parts, order: str) -> tuple[int, int, int]:
    first, second, third = (int(part) for part in parts)
    if len(parts[0]) == 4:
        return first, second, third
    if order == _REPUBLIC or (len(parts[0]) == 3 and len(parts[2]) < 3):
        return first + _ROC, second, third
    if order == _YEAR_FIRST:
        return _century(first), second, third
    year = third if len(parts[2]) == 4 else _century(third)
    if order == DAY_FIRST:
        return year, second, first
    return year, first, second


def _century(year: int) -> int:
    return year + (2000 if year < 70 else 1900)


def _order(cells: pd.Series, parts: dict[str, _Parts], file: str, order: str | None) -> str:
    """How days and months stand in the column; empty where the year comes first and says so."""
    open_ = {cell: one for cell, one in parts.items() if len(one[0]) <= 2}
    if not open_:
        return ""
    if order is not None:
        return order
    candidates = [DAY_FIRST, MONTH_FIRST]
    if all(len(one[2]) <= 2 for one in open_.values()):  # the year has two digits as well
        roc = any(len(one[0]) == 3 for one in parts.values())
        candidates = [_REPUBLIC] if roc else [*candidates, _YEAR_FIRST]
    possible = [one for one in candidates if _fits(open_.values(), one)]
    if len(possible) > 1 and _YEAR_FIRST in candidates:
        possible = [one for one in possible if _runs_one_way(cells, open_, one)] or possible
    if len(possible) == 1:
        return possible[0]
    cell = next(iter(open_))
    values = {"file": file, "value": printable(cell), "row": cells.index[cells == cell][0]}
    if possible:
        raise SchemaError(
            "csv.order-undecided",
            '{file}: no date in it says whether "{value}" (row {row}) has the day or the month '
            "first; say --dates day-first or --dates month-first.",
            values,
            parameter="dates",
        )
    late = next((one for one in open_ if int(open_[one][0]) > 12), cell)
    values |= {"value": printable(late), "row": cells.index[cells == late][0]}
    raise SchemaError(
        "csv.order-mixed",
        '{file}: "{value}" in row {row} cannot have day and month in the same order as the other '
        "dates.",
        values,
        parameter="session",
    )


def _fits(parts: Iterable[_Parts], order: str) -> bool:
    return all(map(_valid(order), parts))


def _valid(order: str) -> Callable[[_Parts], bool]:
    def valid(parts: _Parts) -> bool:
        year, month, day = _year_month_day(parts, order)
        return 1 <= month <= 12 and 1 <= day <= 31 and year > 0

    return valid


def _runs_one_way(cells: pd.Series, parts: dict[str, _Parts], order: str) -> bool:
    days = [_year_month_day(parts[cell], order) for cell in cells if cell in parts]
    pairs = list(zip(days, days[1:], strict=False))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)
