"""The one grammar for tickers: everything that names an instrument passes `Ticker.parse`."""

import re
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from core.errors import InvalidInputError

MAX_LENGTH = 20
_SHOWN = 40  # characters of a refused ticker that the error repeats
# A caret opens an index; = & and - appear inside currencies, M&M.NS and BRK-B.
_GRAMMAR = re.compile(r"\^?[A-Z0-9](?:[A-Z0-9&-]|\.(?!\.)){0,19}(?:=[XF])?")
_CRYPTO = re.compile(r"[A-Z0-9]+-(?:USD|EUR|TWD|JPY|GBP|USDT)")


@dataclass(frozen=True)
class Market:
    """Where an instrument trades.

    `calendar` is the exchange_calendars code, `currency` an ISO 4217 code, `zone` an IANA name,
    `suffix` what the ticker ends with ("" for the United States).
    """

    code: str
    label: str
    calendar: str
    currency: str
    zone: str
    suffix: str = ""

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


US = Market("us", "United States", "XNYS", "USD", "America/New_York")
TWSE = Market("tw", "Taiwan", "XTAI", "TWD", "Asia/Taipei", ".TW")
TPEX = Market("two", "Taiwan (TPEx)", "XTAI", "TWD", "Asia/Taipei", ".TWO")
FX = Market("fx", "Foreign exchange", "24/5", "USD", "UTC", "=X")
CRYPTO = Market("crypto", "Crypto", "24/7", "USD", "UTC")
_BY_SUFFIX = {market.suffix: market for market in (TWSE, TPEX)}
_BY_SYMBOL = {"^TWII": TWSE}


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
            raise InvalidInputError("A ticker is text such as AAPL or 2330.TW.", "ticker")
        stripped = text.strip(" ")
        if not stripped:
            raise InvalidInputError("The ticker is empty; try AAPL or 2330.TW.", "ticker")
        # Before upper-casing: "ß".upper() is "SS", and full-width letters become other letters.
        readable = len(stripped) <= MAX_LENGTH and stripped.isascii()
        symbol = stripped.upper() if readable else ""
        if not _GRAMMAR.fullmatch(symbol) or symbol.endswith("."):
            escaped = ascii(stripped[: MAX_LENGTH + 1])[1:-1]
            cut = len(stripped) > MAX_LENGTH + 1 or len(escaped) > _SHOWN
            shown = escaped[:_SHOWN] + ("..." if cut else "")
            raise InvalidInputError(
                f'"{shown}" is not a ticker; it should look like AAPL, BRK-B or 2330.TW, '
                f"at most {MAX_LENGTH} characters.",
                "ticker",
            )
        return cls(symbol)

    def __str__(self) -> str:
        return self.symbol

    @cached_property
    def market(self) -> Market:
        """Where it trades, read from its form alone.

        Raises
        ------
        InvalidInputError : the suffix belongs to an exchange without a calendar here.
        """
        if self.symbol in _BY_SYMBOL:
            return _BY_SYMBOL[self.symbol]
        if self.symbol.endswith("=X"):
            return FX
        if _CRYPTO.fullmatch(self.symbol):
            return CRYPTO
        stem, dot, suffix = self.symbol.rpartition(".")
        if not dot and not self.symbol.endswith("=F"):
            return US
        market = _BY_SUFFIX.get(dot + suffix)
        if market is None:
            ending = dot + suffix if dot else "=F"
            raise InvalidInputError(
                f"{self.symbol}: no trading calendar for {ending}; "
                "known are US tickers without a suffix, .TW, .TWO, =X and crypto such as BTC-USD.",
                "ticker",
            )
        return market

    @property
    def currency(self) -> str:
        """ISO 4217 code prices are quoted in; a pair is quoted in its second currency."""
        if self.market is FX:
            return self.symbol[-5:-2]
        if self.market is CRYPTO:
            return self.symbol.rpartition("-")[2]
        return self.market.currency
