"""What a person says of a file where the file itself does not, and what was understood of it."""

from dataclasses import dataclass, field
from typing import Any

from core.foundation.messages import Message

LOTS, SHARES = "lots", "shares"
UNITS = (SHARES, LOTS)


@dataclass(frozen=True)
class TableOptions:
    """How a file is to be read; empty where the file decides.

    Parameters
    ----------
    dates : "day-first" or "month-first".
    decimal : "." or ",".
    volume : "lots" of 1,000 shares, or "shares".
    adjusted : its prices are adjusted for the dividends and splits that it lists.
    """

    dates: str = ""
    decimal: str = ""
    volume: str = ""
    adjusted: bool = False


@dataclass
class Understood:
    """What was made of one file.

    Parameters
    ----------
    columns : each column's name as written, and what it was read as; empty if nothing.
    dates : how day and month were told apart; empty where the year comes first.
    passed_over : lines that are no bars, each with its number as an editor counts.
    notes : what was found out and done, a sentence each.
    """

    file: str
    encoding: str
    separator: str
    header: int
    columns: list[tuple[str, str]]
    dates: str = ""
    rows: int = 0
    halted: int = 0
    passed_over: list[tuple[int, str]] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return {
            "file": self.file,
            "encoding": self.encoding,
            "separator": self.separator,
            "header_row": self.header,
            "columns": [{"column": name, "read_as": means} for name, means in self.columns],
            "dates": self.dates or "year first",
            "rows": self.rows,
            "halted": self.halted,
            "passed_over": [{"row": row, "text": text} for row, text in self.passed_over],
            "notes": list(map(str, self.notes)),
        }
