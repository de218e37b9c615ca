"""Several tickers in one text."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from core.foundation.errors import InvalidInputError
from core.foundation.messages import Message
from core.reference.instruments import MAX_WORDS, Naming, instruments, key, naming
from core.reference.naming.sentences import shown
from core.reference.naming.spellings import spelled
from core.reference.tickers import Ticker

_LISTED = 10  # names that an error repeats
_BETWEEN = re.compile(r"[,;\n、，；]+")
_COLON = re.compile(r"[:：] *")
_NO_TICKERS = ("US", "TT")  # exchanges as Bloomberg writes them that are no ticker themselves


def find_all(text: str) -> list[Ticker]:
    """The tickers that a text means, as `namings` reads it."""
    return [one.ticker for one in namings(text)]


def some_namings(text: str, stored: Collection[str] = ()) -> list[Naming]:
    """The same as `namings`, of a text that must name a ticker.

    Raises
    ------
    InvalidInputError : it names none, or what it names is not understood.
    """
    found = namings(text, stored)
    if not found:
        raise InvalidInputError(
            "cli.no-ticker-named",
            "Name at least one ticker, such as AAPL or 2330.TW.",
            parameter="tickers",
        )
    return found


def namings(text: str, stored: Collection[str] = ()) -> list[Naming]:
    """What a text of several tickers means, each once: between commas, lines or, where a name has
    none, spaces.

    Parameters
    ----------
    text : tickers, codes and names.
    stored : symbols that mean themselves, also where they would be read as another today.

    Raises
    ------
    InvalidInputError : the one thing that is not understood, as `core.reference.instruments.naming`
        says it, or a list of them.
    """
    found: dict[Ticker, Naming] = {}
    bad: list[InvalidInputError] = []
    names: list[str] = []
    for part in filter(None, (part.strip() for part in _BETWEEN.split(_COLON.sub(":", text)))):
        for name in _names(part.split()):
            try:
                own = name.upper()
                one = Naming(Ticker.parse(own)) if own in stored else naming(name)
                found.setdefault(one.ticker, one)
            except InvalidInputError as error:
                bad.append(error)
                names.append(name)
    if len(bad) == 1:
        raise InvalidInputError.of(bad[0].sentence, "tickers")
    if bad:
        raise InvalidInputError.of(_not_understood(names), "tickers")
    return list(found.values())


@lru_cache(maxsize=1)
def _of_words() -> frozenset[tuple[str, ...]]:
    """Names of several words, each as its words."""
    names = (name.split() for one in instruments().values() for name in one.called)
    return frozenset(tuple(map(key, words)) for words in names if len(words) > 1)


def _names(words: list[str]) -> Iterator[str]:
    """Words put together where several make a known name, or a ticker as Bloomberg writes it."""
    keys = tuple(map(key, words))
    at = 0
    while at < len(words):
        sizes = range(min(MAX_WORDS, len(words) - at), 1, -1)
        size = next(
            (
                size
                for size in sizes
                if keys[at : at + size] in _of_words() or _is_one(words[at : at + size])
            ),
            1,
        )
        yield " ".join(words[at : at + size])
        at += size


def _is_one(words: list[str]) -> bool:
    """Whether words are a ticker with its exchange: 2330 TT, AAPL US, AAPL US Equity.

    Of two words each may be a ticker, so the first must be no American one or the second no ticker.
    """
    symbol = " ".join(words).upper()
    sure = len(words) == 3 or words[0][0].isdigit() or words[1].upper() in _NO_TICKERS
    return sure and bool(spelled(symbol))


def _not_understood(names: list[str]) -> Message:
    those, more = [shown(name) for name in names[:_LISTED]], len(names) - _LISTED
    if more > 0:
        return Message(
            "ticker.many-unknown",
            "{names} and {more} more are no tickers known here; those look like AAPL, BRK-B, "
            "2330.TW, TWD=X or BTC-USD.",
            {"names": those, "more": more},
        )
    return Message(
        "ticker.several-unknown",
        "{names} are no tickers known here; those look like AAPL, BRK-B, 2330.TW, TWD=X or "
        "BTC-USD.",
        {"names": those},
    )
