"""Symbols that changed: what a ticker is called now, and what it was called before."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from core.foundation.errors import InvalidInputError
from core.reference.tickers import Ticker

T = TypeVar("T")


@dataclass(frozen=True)
class Renames:
    """The renames in force: pairs of an old symbol and the new one, in the order they were made.

    A chain leads to its newest symbol, and several tickers may have become one. No circle is ever
    stored.

    >>> renames = Renames((("FB", "META"),))
    >>> renames.now("FB"), renames.names("META"), renames.names("FB")
    ('META', ('META', 'FB'), ())
    """

    pairs: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _following(self) -> dict[str, str]:
        return dict(self.pairs)

    def now(self, symbol: str) -> str:
        """The symbol that a ticker has now; its own where it was never renamed."""
        while symbol in self._following:
            symbol = self._following[symbol]
        return symbol

    def names(self, symbol: str) -> tuple[str, ...]:
        """Every symbol under which something of a ticker is stored, the one it has now first.

        Empty for a symbol that is another now: nothing is read or written under it.
        """
        if symbol in self._following:
            return ()
        before = (old for old, _ in reversed(self.pairs) if self.now(old) == symbol)
        return (symbol, *before)

    def by_present_symbol(self, values: Mapping[str, T]) -> dict[str, T]:
        """Values by the symbols that their tickers have now, in order.

        Where several became one ticker, the value of the newest symbol counts.
        """
        found: dict[str, T] = {}
        for symbol in dict.fromkeys(map(self.now, values)):
            found[symbol] = next(values[one] for one in self.names(symbol) if one in values)
        return found

    def without(self, old: str) -> "Renames":
        """These, but for the rename of one symbol."""
        return Renames(tuple(pair for pair in self.pairs if pair[0] != old))

    def refuse(self, ticker: Ticker) -> None:
        """Nothing, but of a symbol that is another now.

        Raises
        ------
        InvalidInputError : says which it is now.
        """
        if ticker.symbol in self._following:
            raise InvalidInputError(
                "ticker.renamed",
                "{ticker} is {now} now; name that.",
                {"ticker": ticker, "now": self.now(ticker.symbol)},
                parameter="ticker",
            )
