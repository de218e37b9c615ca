"""How other vendors write a ticker, read from a table with one row a prefix or ending."""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent.parent / "tables" / "spellings.csv"
_YELLOW_KEY = " EQUITY"  # what Bloomberg writes behind the exchange of a share
# Digits that a code has where zeros stand in front; Taiwan's have 4 to 6 and are no matter of rule.
_DIGITS = {".HK": 4, ".KL": 4, ".KS": 6, ".KQ": 6, ".SS": 6, ".SZ": 6}
_KINDS = {
    "": re.compile(r"[A-Z0-9][A-Z0-9&./-]*"),
    "digits": re.compile(r"[0-9]+[A-Z]?"),
    "letters": re.compile(r"[A-Z][A-Z./-]*"),
}
_CLASS = re.compile(r"([A-Z]{1,5})[./]([A-Z])")


@dataclass(frozen=True)
class Spelling:
    """One way to write the exchange of a ticker.

    `place` is "before" or "after" the code, `written` what stands there, `suffix` Yahoo's ending
    for it ("" for the United States), and `code` what its codes are made of: "digits" (one letter
    may follow), "letters", or "" for either.
    """

    place: str
    written: str
    suffix: str
    code: str

    def code_in(self, symbol: str) -> str:
        """The code of a ticker that is written so; empty if this one is not."""
        before = self.place == "before"
        if not (symbol.startswith if before else symbol.endswith)(self.written):
            return ""
        code = (symbol.removeprefix if before else symbol.removesuffix)(self.written)
        return code if _KINDS[self.code].fullmatch(code) else ""


@lru_cache(maxsize=1)
def spellings() -> tuple[Spelling, ...]:
    """Every row of the table."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Spelling(row["place"], row["written"], row["suffix"], row["code"])
            for row in csv.DictReader(lines)
        )


def spelled(symbol: str) -> list[tuple[str, str]]:
    """What a ticker in another vendor's spelling may mean.

    Parameters
    ----------
    symbol : upper case, such as "TPE:2330", "AAPL US EQUITY" or "BRK.B.US".

    Returns
    -------
    Each code with Yahoo's ending of its exchange, the code in Yahoo's form; empty if no row of the
    table fits.
    """
    written = symbol.removesuffix(_YELLOW_KEY)
    found = ((one.code_in(written), one.suffix) for one in spellings())
    return [(own_form(code, suffix), suffix) for code, suffix in found if code]


def own_form(code: str, suffix: str) -> str:
    """A code as Yahoo writes it: a class of shares behind a dash, zeros in front."""
    share = _CLASS.fullmatch(code)
    if share:
        return "-".join(share.groups())
    return code.lstrip("0").zfill(_DIGITS[suffix]) if suffix in _DIGITS and code.isdigit() else code
