"""What went wrong with several tickers, in words a person can read."""

from datetime import datetime

from core.foundation.errors import TickerLensError
from core.reference import sessions
from core.reference.tickers import Ticker

DENIALS = 3  # sessions on which a ticker must be denied before more is made of it


def together(failures: dict[str, TickerLensError]) -> TickerLensError:
    """One error that names every ticker, alike sentences said once; of the type of the first.

    `failures` are by ticker and not empty.
    """
    alike: dict[str, list[str]] = {}
    for ticker, error in failures.items():
        alike.setdefault(_without(error.message, ticker), []).append(ticker)
    first = next(iter(failures.values()))
    said = " ".join(_with(sentence, names) for sentence, names in alike.items())
    return type(first)(said, first.parameter)


def denied_sessions(ticker: Ticker, denied: list[datetime]) -> int:
    """On how many different sessions a source denied a ticker, from the instants at which it did.

    Over a weekend or within one session it is once, however often somebody asked.
    """
    calendar = ticker.market.calendar
    return len({sessions.latest_closed(calendar, at) for at in denied})


def with_denials(message: str, count: int) -> str:
    """The sentence on a ticker that was not found, with what follows from the count, if anything.

    Nothing follows for what is stored: its history stays.
    """
    if count < DENIALS:
        return message
    return f"{message} Not found on {count} sessions: possibly delisted; its history stays."


_GAP = "\0"


def _without(sentence: str, ticker: str) -> str:
    words = sentence.split(" ")
    return " ".join(
        word.replace(ticker, _GAP) if word.strip(".,:;()\"'") == ticker else word for word in words
    )


def _with(sentence: str, tickers: list[str]) -> str:
    if _GAP not in sentence:
        return sentence
    names = ", ".join(tickers[:-1]) + (" and " if tickers[1:] else "") + tickers[-1]
    if len(tickers) > 1:
        sentence = sentence.replace(f"{_GAP} was not", f"{_GAP} were not")
    return sentence.replace(_GAP, names)
