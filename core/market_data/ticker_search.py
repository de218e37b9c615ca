"""Which tracked ticker a person means; one that is known but not tracked is never replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.messages import Message
from core.market_data.catalog import display_name
from core.reference.instruments import Instrument, instruments, key, named, naming
from core.reference.naming.sentences import ambiguous, choices, shown
from core.reference.tickers import Ticker

_MAX_CHARACTERS = 100  # no code and no name is longer


@dataclass(frozen=True)
class Pick:
    """What came of a text.

    Parameters
    ----------
    symbol : the tracked ticker it means; empty if there is none.
    sentence : why there is none; None if there is one.
    note : how a text was read that is neither its code nor a name of it.
    untracked : a ticker that it means and that could be tracked, if it is one.
    """

    symbol: str = ""
    sentence: Message | None = None
    untracked: Ticker | None = None
    note: Message | None = None


def exact(text: str, tracked: Sequence[str]) -> str:
    """The tracked ticker that has exactly this code or name.

    Raises
    ------
    NotFoundError : it means a ticker that is not tracked.
    InvalidInputError : it means none, or several.
    """
    found = pick(text, tracked, prefixes=False)
    if found.sentence is None:
        return found.symbol
    kind = InvalidInputError if found.untracked is None else NotFoundError
    raise kind.of(found.sentence, "ticker")


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
        if not key(text) or len(text) > _MAX_CHARACTERS:
            break
        known = named(text, prefix)
        own = [one for one in tracked if _means(one, text, known, prefix)]
        if len(own) == 1:
            return Pick(own[0])
        if own:
            return Pick(sentence=ambiguous(text, list(map(_named, own))))
        if len(known) == 1:
            return _untracked(known[0])
        if known:
            return Pick(sentence=_none_tracked(text, list(map(str, known))))
        if not prefix and (spelled := _spelled(text, tracked)) is not None:
            return spelled
    try:
        ticker = naming(text).ticker
    except InvalidInputError as error:
        return Pick(sentence=error.sentence)
    return _not_tracked(ticker)


def _spelled(text: str, tracked: Sequence[str]) -> Pick | None:
    """What is meant by a code without its zeros, or as another vendor writes it."""
    try:
        found = naming(text)
    except InvalidInputError:
        return None
    if found.note is None:
        return None
    symbol = found.ticker.symbol
    if symbol in tracked:
        return Pick(symbol, note=found.note)
    known = instruments().get(symbol)
    return _not_tracked(found.ticker) if known is None else _untracked(known)


def _means(symbol: str, text: str, known: list[Instrument], prefix: bool) -> bool:
    wanted = key(text)
    names = map(key, (symbol, symbol.partition(".")[0], display_name(Ticker.parse(symbol))))
    own = any(name.startswith(wanted) if prefix else name == wanted for name in names)
    return own or any(one.ticker.symbol == symbol for one in known)


def _not_tracked(ticker: Ticker) -> Pick:
    sentence = Message("ticker.not-tracked", "{ticker} is not tracked here.", {"ticker": ticker})
    return Pick(sentence=sentence, untracked=ticker)


def _untracked(one: Instrument) -> Pick:
    sentence = Message(
        "ticker.known-not-tracked", "{name} is known but not tracked here.", {"name": str(one)}
    )
    return Pick(sentence=sentence, untracked=one.ticker)


def _named(symbol: str) -> str:
    return f"{symbol} {display_name(Ticker.parse(symbol))}".strip()


def _none_tracked(text: str, names: list[str]) -> Message:
    return Message(
        "ticker.ambiguous-untracked",
        "{text} may be {choices}; none is tracked here.",
        {"text": shown(text), "choices": choices(names)},
    )
