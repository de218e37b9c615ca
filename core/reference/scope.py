"""Which of the stored tickers a training learns from."""

from collections.abc import Iterable

from core.foundation.errors import InvalidInputError, NotFoundError
from core.reference.instruments import find
from core.reference.tickers import Ticker

ALL = "all"
MARKETS = {"us": ("us",), "tw": ("tw", "two")}
OTHER = "other"


def parse_scope(text: str, tickers: Iterable[Ticker] = ()) -> str:
    """The scope as it is stored: "all", a key of `MARKETS`, or a ticker in its own form.

    Parameters
    ----------
    text : as a person writes it; a ticker as `core.reference.instruments.find` reads it.
    tickers : those that are stored; what is exactly one of them means it.

    Raises
    ------
    InvalidInputError : it is none of these.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidInputError(
            "scope.empty", "The scope is empty; give all, us, tw or one ticker.", parameter="scope"
        )
    plain = text.strip()
    if plain.lower() in (ALL, *MARKETS):
        return plain.lower()
    stored = {ticker.symbol for ticker in tickers}
    if plain.upper() in stored:
        return plain.upper()
    try:
        return find(plain).symbol
    except InvalidInputError as error:
        raise InvalidInputError.of(error.sentence, "scope") from error


def in_market(market: str, tickers: Iterable[Ticker]) -> list[Ticker]:
    """Those of the tickers that trade in a market: a key of `MARKETS`, or "other" for the rest.

    Raises
    ------
    InvalidInputError : there is no such market, or none of the tickers trades in it.
    """
    if market not in (*MARKETS, OTHER):
        known = ", ".join((*MARKETS, OTHER))
        raise InvalidInputError(
            "market.unknown",
            'There is no market "{market}"; known are {known}.',
            {"market": market[:24], "known": known},
            parameter="market",
        )
    named = {code for codes in MARKETS.values() for code in codes}
    found = [
        ticker
        for ticker in tickers
        if (code := _code(ticker)) in MARKETS.get(market, ())
        or market == OTHER
        and code not in named
    ]
    if not found:
        raise InvalidInputError(
            "market.no-ticker",
            "No ticker of the market {market} is tracked.",
            {"market": market},
            parameter="market",
        )
    return found


def _code(ticker: Ticker) -> str:
    try:
        return ticker.market.code
    except InvalidInputError:  # said when it is fetched
        return ""


def in_scope(scope: str, tickers: Iterable[Ticker]) -> list[Ticker]:
    """Those of the tickers that a scope covers, in the order given.

    Raises
    ------
    InvalidInputError : the scope is not understood.
    NotFoundError : it covers none of them.
    """
    tickers = list(tickers)
    scope = parse_scope(scope, tickers)
    if scope == ALL:
        found = tickers
    elif scope in MARKETS:
        found = [ticker for ticker in tickers if ticker.market.code in MARKETS[scope]]
    else:
        found = [ticker for ticker in tickers if ticker.symbol == scope]
    if not found:
        if scope == ALL:
            raise NotFoundError(
                "scope.no-bars-at-all", "There are no stored bars to train on; ingest some first."
            )
        raise NotFoundError(
            "scope.no-bars",
            "No bars are stored for the scope {scope}.",
            {"scope": scope},
            parameter="scope",
        )
    return found
