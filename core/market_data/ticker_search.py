"""Which tracked ticker a person means; one that is known but not tracked is never replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.foundation.errors import InvalidInputError, NotFoundError
from core.market_data.catalog import told_name
from core.reference.instruments import Instrument, find, instruments, key, named, shown
from core.reference.tickers import Ticker

_MOST_CHARACTERS = 100  # no code and no name is longer
_MOST_NAMED = 3


@dataclass(frozen=True)
class Pick:
    """What came of a text.

    Parameters
    ----------
    symbol : the tracked ticker it means; empty if there is none.
    sentence : why there is none; empty if there is one.
    untracked : a ticker that it means and that could be tracked, if it is one.
    """

    symbol: str = ""
    sentence: str = ""
    untracked: Ticker | None = None


def exact(text: str, tracked: Sequence[str]) -> str:
    """The tracked ticker that has exactly this code or name.

    Raises
    ------
    NotFoundError : it means a ticker that is not tracked.
    InvalidInputError : it means none, or several.
    """
    found = pick(text, tracked, prefixes=False)
    if found.untracked is not None:
        raise NotFoundError(found.sentence, "ticker")
    if not found.symbol:
        raise InvalidInputError(found.sentence, "ticker")
    return found.symbol


def pick(text: str, tracked: Sequence[str], prefixes: bool = True) -> Pick:
    """The tracked ticker whose code or name, Chinese or English, is or begins as a text.

    Parameters
    ----------
    text : as typed, in any case, full-width or not. What it is exactly stands before what begins
        so; of several that are as near none is taken.
    tracked : symbols.
    prefixes : whether the beginning of a code or a name is enough.
    """
    symbol = text.strip().upper() if text.isascii() else ""
    if symbol in tracked:
        return Pick(symbol)
    if symbol in instruments():
        return _untracked(instruments()[symbol])
    for prefix in (False, True) if prefixes else (False,):
        if not key(text) or len(text) > _MOST_CHARACTERS:
            break
        known = named(text, prefix)
        own = [one for one in tracked if _means(one, text, known, prefix)]
        if len(own) == 1:
            return Pick(own[0])
        if own:
            return Pick(sentence=f"{shown(text)} may be {_listed(map(_named, own))}; write which.")
        if len(known) == 1:
            return _untracked(known[0])
        if known:
            return Pick(
                sentence=f"{shown(text)} may be {_listed(map(str, known))}; none is tracked here."
            )
    try:
        ticker = find(text)
    except InvalidInputError as error:
        return Pick(sentence=error.message)
    return Pick(sentence=f"{ticker} is not tracked here.", untracked=ticker)


def _means(symbol: str, text: str, known: list[Instrument], prefix: bool) -> bool:
    wanted = key(text)
    names = map(key, (symbol, symbol.partition(".")[0], told_name(Ticker.parse(symbol))))
    own = any(name.startswith(wanted) if prefix else name == wanted for name in names)
    return own or any(one.ticker.symbol == symbol for one in known)


def _untracked(one: Instrument) -> Pick:
    return Pick(sentence=f"{one} is known but not tracked here.", untracked=one.ticker)


def _named(symbol: str) -> str:
    return f"{symbol} {told_name(Ticker.parse(symbol))}".strip()


def _listed(names: "map[str]") -> str:
    told = list(names)
    more = len(told) - _MOST_NAMED
    if more <= 0:
        return " or ".join(told)
    return f"{', '.join(told[:_MOST_NAMED])} or {more:,} more"
