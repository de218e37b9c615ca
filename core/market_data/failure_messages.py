"""One error for several tickers: equal sentences are said once."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.foundation.errors import TickerLensError
from core.foundation.messages import Message
from core.reference.sessions import Calendar

DENIALS = 3  # sessions on which a source must deny a ticker before it counts as given up


def together(failures: dict[str, TickerLensError]) -> TickerLensError:
    """One error that names every ticker, equal sentences once; its type is that of the first.

    `failures` are by ticker and not empty.
    """
    alike: dict[Message, list[str]] = {}
    for ticker, error in failures.items():
        alike.setdefault(_without(error.sentence, ticker), []).append(ticker)
    first = next(iter(failures.values()))
    sentences = [_of_all(failures[names[0]].sentence, names[1:]) for names in alike.values()]
    if len(sentences) == 1:
        return type(first).of(sentences[0], first.parameter)
    several = Message("failures.several", "{sentences: }", {"sentences": sentences})
    return type(first).of(several, first.parameter)


def denied_sessions(calendar: Calendar, denied: list[datetime]) -> int:
    """On how many different sessions a source denied a ticker, from the instants of its denials.

    Several denials within one session, or over one weekend, count once.
    """
    return len({calendar.latest_closed(at) for at in denied})


def with_denials(sentence: Message, count: int) -> Message:
    """The sentence on a ticker that was not found; after `DENIALS` sessions it names the count.

    Stored bars of the ticker are kept in any case.
    """
    if count < DENIALS:
        return sentence
    return Message(
        "ticker.possibly-delisted",
        "{sentence} Not found on {count} sessions: possibly delisted; its history stays.",
        {"sentence": sentence, "count": count},
    )


def _without(value: Any, ticker: str) -> Any:
    """A sentence with a gap for its ticker, so that alike ones are equal."""
    if not isinstance(value, Message):
        return None if str(value) == ticker else value
    gaps = {name: _without(one, ticker) for name, one in value.parameters.items()}
    return replace(value, parameters=gaps)


def _of_all(sentence: Message, others: list[str]) -> Message:
    """A sentence on one ticker, and that it holds of others."""
    if not others:
        return sentence
    return Message(
        "failures.alike",
        "{sentence} So it was with {tickers}.",
        {"sentence": sentence, "tickers": others},
    )
