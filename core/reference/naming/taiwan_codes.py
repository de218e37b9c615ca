"""Codes of Taiwan: zeros that a spreadsheet lost, the board, and shares of another class."""

import re
from collections.abc import Iterable

from core.reference.exchanges import TPEX, TWSE

FEWEST_DIGITS = 4
CODE = re.compile(r"([0-9]{1,6})[A-Z]?")
_PREFERRED = re.compile(r"([0-9]{4})[A-C]")
_BOARDS = (TWSE.suffix, TPEX.suffix)


def listed_as(code: str, symbols: Iterable[str]) -> list[str]:
    """Tickers of Taiwan with a code, or with one that is longer by zeros in front."""
    zeros = re.compile("0*" + re.escape(code))
    return [
        symbol
        for symbol in symbols
        if symbol.endswith(_BOARDS) and zeros.fullmatch(symbol.partition(".")[0])
    ]


def preferred(code: str, symbols: Iterable[str]) -> list[str]:
    """The ticker of a preferred share such as 2881A, which trades where its ordinary one does."""
    share = _PREFERRED.fullmatch(code)
    ordinary = listed_as(share[1], symbols) if share else []
    return [code + "." + symbol.partition(".")[2] for symbol in ordinary]


def has_all_digits(code: str) -> bool:
    """Whether a code is as long as those of Taiwan are."""
    digits = CODE.fullmatch(code)
    return digits is not None and len(digits[1]) >= FEWEST_DIGITS


def possible(code: str) -> list[str]:
    """What a code that nothing is known by may be: on either board, or a fund without its zeros."""
    if has_all_digits(code):
        return [code + board for board in _BOARDS]
    # The codes of funds begin with two zeros and have 4 to 6 digits.
    return [code.zfill(max(FEWEST_DIGITS, len(code) + 2)) + TWSE.suffix]
