"""The one grammar for tickers: everything that names an instrument passes `Ticker.parse`."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from core.foundation.errors import InvalidInputError
from core.foundation.printable import printable
from core.reference.exchanges import BY_SUFFIX, CRYPTO, FX, INDICES, TPEX, TWSE, US, Market

__all__ = ["CRYPTO", "FX", "MAX_LENGTH", "TPEX", "TWSE", "US", "Market", "Ticker"]

MAX_LENGTH = 20
# A caret opens an index; = & and - appear inside currencies, M&M.NS and BRK-B.
_GRAMMAR = re.compile(r"\^?[A-Z0-9](?:[A-Z0-9&-]|\.(?!\.)){0,19}(?:=[XF])?")
_CRYPTO = re.compile(r"[A-Z0-9]+-(?:USD|EUR|TWD|JPY|GBP|USDT)")


@dataclass(frozen=True, order=True)
class Ticker:
    """A Yahoo symbol in upper case. Build it with `Ticker.parse`, never directly from input."""

    symbol: str

    @classmethod
    def parse(cls, text: object) -> "Ticker":
        """Read a ticker as typed by a person.

        Parameters
        ----------
        text : a string such as " aapl " or "2330.TW"; anything else is refused.

        Raises
        ------
        InvalidInputError : naming at most the first characters of what was given.
        """
        if not isinstance(text, str):
            raise InvalidInputError(
                "ticker.no-text", "A ticker is text such as AAPL or 2330.TW.", parameter="ticker"
            )
        return _parsed(text.strip(" "))

    def __str__(self) -> str:
        return self.symbol

    @cached_property
    def market(self) -> Market:
        """Where it trades, read from its form alone.

        Raises
        ------
        InvalidInputError : there is no trading calendar for it here.
        """
        if self.symbol in INDICES:
            return INDICES[self.symbol][0]
        if self.symbol.endswith("=X"):
            return FX
        if _CRYPTO.fullmatch(self.symbol):
            return CRYPTO
        stem, dot, suffix = self.symbol.rpartition(".")
        if self.symbol.startswith("^"):
            raise InvalidInputError(
                "ticker.unknown-index",
                "{ticker}: no trading calendar for this index; known are ^GSPC, ^TWII, ^N225, "
                "^HSI, ^FTSE and {more} more.",
                {"ticker": self.symbol, "more": len(INDICES) - 5},
                parameter="ticker",
            )
        if not dot and not self.symbol.endswith("=F"):
            return US
        market = BY_SUFFIX.get(dot + suffix)
        if market is None:
            ending = dot + suffix if dot else "=F"
            raise InvalidInputError(
                "ticker.unknown-ending",
                "{ticker}: no trading calendar for {ending}; known are US tickers without a "
                "suffix, .TW, .TWO, .T, .HK, .L and {more} more endings, =X and crypto such as "
                "BTC-USD.",
                {"ticker": self.symbol, "ending": ending, "more": len(BY_SUFFIX) - 5},
                parameter="ticker",
            )
        return market

    @property
    def currency(self) -> str:
        """What prices are quoted in, as `Market.currency`; a pair in its second currency."""
        if self.symbol in INDICES:
            return INDICES[self.symbol][1]
        if self.market is FX:
            return self.symbol[-5:-2]
        if self.market is CRYPTO:
            return self.symbol.rpartition("-")[2]
        return self.market.currency


@lru_cache(maxsize=20_000)  # the symbols of a whole exchange are read again and again
def _parsed(stripped: str) -> Ticker:
    if not stripped:
        raise InvalidInputError(
            "ticker.empty", "The ticker is empty; try AAPL or 2330.TW.", parameter="ticker"
        )
    # Before upper-casing: "ß".upper() is "SS", and full-width letters become other letters.
    readable = len(stripped) <= MAX_LENGTH and stripped.isascii()
    symbol = stripped.upper() if readable else ""
    if not _GRAMMAR.fullmatch(symbol) or symbol.endswith("."):
        raise InvalidInputError(
            "ticker.malformed",
            '"{text}" is not a ticker; it should look like AAPL, BRK-B or 2330.TW, at '
            "most {most} characters.",
            {"text": printable(stripped, MAX_LENGTH + 1), "most": MAX_LENGTH},
            parameter="ticker",
        )
    return Ticker(symbol)
