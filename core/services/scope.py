"""Which of the stored tickers a training learns from."""

from collections.abc import Iterable

from core.errors import InvalidInputError, NotFoundError
from core.tickers import Ticker

ALL = "all"
MARKETS = {"us": ("us",), "tw": ("tw", "two")}


def parse_scope(text: str) -> str:
    """The scope as it is stored: "all", a key of `MARKETS`, or a ticker in its own form.

    Raises
    ------
    InvalidInputError : it is none of these.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidInputError("The scope is empty; give all, us, tw or one ticker.", "scope")
    plain = text.strip()
    if plain.lower() in (ALL, *MARKETS):
        return plain.lower()
    return Ticker.parse(plain).symbol


def in_scope(scope: str, tickers: Iterable[Ticker]) -> list[Ticker]:
    """Those of the tickers that a scope covers, in the order given.

    Raises
    ------
    InvalidInputError : the scope is not understood.
    NotFoundError : it covers none of them.
    """
    scope, tickers = parse_scope(scope), list(tickers)
    if scope == ALL:
        found = tickers
    elif scope in MARKETS:
        found = [ticker for ticker in tickers if ticker.market.code in MARKETS[scope]]
    else:
        found = [ticker for ticker in tickers if ticker.symbol == scope]
    if not found:
        if scope == ALL:
            raise NotFoundError("There are no stored bars to train on; ingest some first.")
        raise NotFoundError(f"No bars are stored for the scope {scope}.", "scope")
    return found
