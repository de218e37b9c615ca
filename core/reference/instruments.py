"""Instruments by name: what a person types, in English or Chinese, and the ticker it means."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.foundation.errors import InvalidInputError
from core.foundation.messages import Message
from core.foundation.printable import printable
from core.reference.tickers import TPEX, TWSE, Ticker

TAIWAN_TEN = tuple(
    f"{code}.TW" for code in (2330, 2317, 2454, 2308, 2412, 2881, 2882, 2303, "0050", 2603)
)
US_TEN = ("AAPL", "MSFT", "NVDA", "GOOGL", "AMZN", "META", "TSLA", "TSM", "SPY", "QQQ")
_TABLE = Path(__file__).parent / "tables" / "instruments.csv"
# Letters as an East Asian keyboard may give them, and the space between them.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PASSED_OVER = str.maketrans("臺", "台", " .,'&-/*()")
_CODE = re.compile(r"[0-9]{4,6}[A-Z]?")
_SHOWN, _LISTED = 20, 10  # how much of what was typed an error repeats
_CHOICES = 3  # names among which a sentence asks to choose
_BETWEEN = re.compile(r"[,;\n、，；]+")
_MAX_WORDS = 6  # in a name


@dataclass(frozen=True)
class Instrument:
    """One that is known by name; `kind` is stock, ETF, index or currency."""

    ticker: Ticker
    english: str
    chinese: str
    aliases: tuple[str, ...]
    kind: str

    @property
    def name(self) -> str:
        """Both names, first the one used where it trades."""
        names = (self.english, self.chinese)
        at_home = self.ticker.market in (TWSE, TPEX)
        return " ".join(filter(None, names[::-1] if at_home else names))

    def __str__(self) -> str:
        return f"{self.ticker} {self.name}"

    @property
    def called(self) -> tuple[str, ...]:
        """Everything it answers to beside its ticker."""
        return tuple(filter(None, (self.english, self.chinese, *self.aliases)))


@lru_cache(maxsize=1)
def instruments() -> dict[str, Instrument]:
    """Every known instrument by its ticker."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            row["ticker"]: Instrument(
                Ticker.parse(row["ticker"]),
                row["english"],
                row["chinese"],
                tuple(filter(None, row["aliases"].split("|"))),
                row["kind"],
            )
            for row in csv.DictReader(lines)
        }


def name_of(ticker: Ticker) -> str:
    """Both names of a ticker; empty if it is not known by name."""
    known = instruments().get(ticker.symbol)
    return "" if known is None else known.name


def find(text: str) -> Ticker:
    """The ticker that a code, a name or a ticker means.

    Parameters
    ----------
    text : such as 2330, 台積電, TSMC, 2330.TW or BRK-B, in any case, full-width or not. A ticker
        that is known stands before a name: TSM is the one in New York.

    Raises
    ------
    InvalidInputError : nothing is called so, several are, or it has no trading calendar here; the
        sentence says what to write.
    """
    plain = text.translate(_NARROW).strip()
    symbol = plain.upper() if plain.isascii() else plain
    if symbol in instruments():
        return instruments()[symbol].ticker
    found = _by_name().get(key(plain), ())
    if len(found) == 1:
        return found[0].ticker
    if found:
        raise InvalidInputError.of(ambiguous(plain, list(map(_with_english, found))), "ticker")
    if _CODE.fullmatch(symbol):
        raise InvalidInputError(
            "ticker.bare-number",
            "{symbol} is not known by its code alone; write {symbol}.TW if it is listed on "
            "TWSE or {symbol}.TWO if on TPEx.",
            {"symbol": symbol},
            parameter="ticker",
        )
    near = search(plain, 3) if not plain.isascii() or " " in plain else []
    if near:
        raise InvalidInputError(
            "ticker.near-names",
            "Nothing known here is called {name}; is it {choices: or }?",
            {"name": shown(plain), "choices": list(map(str, near))},
            parameter="ticker",
        )
    if not plain.isascii():
        raise InvalidInputError(
            "ticker.unknown-name",
            "Nothing known here is called {name}; write its ticker, such as 2330.TW.",
            {"name": shown(plain)},
            parameter="ticker",
        )
    ticker = Ticker.parse(plain)
    ticker.market  # refuses an exchange without a calendar
    return ticker


def find_all(text: str) -> list[Ticker]:
    """The tickers that a text means, each once: between commas, lines or, where a name has none,
    spaces.

    Raises
    ------
    InvalidInputError : the one thing that is not understood, as `find` says it, or a list of them.
    """
    found: dict[Ticker, None] = {}
    bad: list[InvalidInputError] = []
    names: list[str] = []
    for part in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        for name in _names(part.split()):
            try:
                found[find(name)] = None
            except InvalidInputError as error:
                bad.append(error)
                names.append(name)
    if len(bad) == 1:
        raise InvalidInputError.of(bad[0].sentence, "tickers")
    if bad:
        raise InvalidInputError.of(_not_understood(names), "tickers")
    return list(found)


def search(text: str, limit: int = 10) -> list[Instrument]:
    """Known instruments for a picker, best first: the code, then names, that begin with a text,
    then those that hold it; in the order of the table where equal."""
    wanted = key(text)
    if not wanted:
        return []
    ranked: list[tuple[int, int, Instrument]] = []
    for place, (one, codes, names) in enumerate(_keys()):
        rank = _rank(wanted, codes, names)
        if rank is not None:
            ranked.append((rank, place, one))
    return [one for _, _, one in sorted(ranked, key=lambda entry: entry[:2])[:limit]]


def named(text: str, prefix: bool = False) -> list[Instrument]:
    """Known instruments whose code or a name of theirs is a text, or begins with it, in the order
    of the table."""
    wanted, ranks = key(text), (0, 1, 2) if prefix else (0,)
    if not wanted:
        return []
    return [one for one, codes, names in _keys() if _rank(wanted, codes, names) in ranks]


def _rank(wanted: str, codes: tuple[str, ...], names: tuple[str, ...]) -> int | None:
    if wanted in codes or wanted in names:
        return 0
    if any(code.startswith(wanted) for code in codes):
        return 1
    if any(name.startswith(wanted) for name in names):
        return 2
    return 3 if any(wanted in name for name in (*codes, *names)) else None


@lru_cache(maxsize=1)
def _keys() -> list[tuple[Instrument, tuple[str, ...], tuple[str, ...]]]:
    """Every instrument with its ticker, with and without the ending, and its names, as keys."""
    found = []
    for one in instruments().values():
        symbol = one.ticker.symbol
        codes = tuple(map(key, (symbol, symbol.partition(".")[0])))
        found.append((one, codes, tuple(map(key, one.called))))
    return found


def key(text: str) -> str:
    """A name without what people leave out or write differently."""
    return text.translate(_NARROW).translate(_PASSED_OVER).casefold()


@lru_cache(maxsize=1)
def _by_name() -> dict[str, tuple[Instrument, ...]]:
    """Known instruments by each of their names, and those of Taiwan by their code alone."""
    found: dict[str, dict[str, Instrument]] = {}
    for one in instruments().values():
        code = one.ticker.symbol.partition(".")[0]
        codes = (code,) if one.ticker.market in (TWSE, TPEX) else ()
        for name in (*one.called, *codes):
            found.setdefault(key(name), {})[one.ticker.symbol] = one
    return {name: tuple(ones.values()) for name, ones in found.items()}


@lru_cache(maxsize=1)
def _of_words() -> frozenset[tuple[str, ...]]:
    """Names of several words, each as its words."""
    names = (name.split() for one in instruments().values() for name in one.called)
    return frozenset(tuple(map(key, words)) for words in names if len(words) > 1)


def _names(words: list[str]) -> Iterator[str]:
    """Words put together where several make a known name."""
    keys = tuple(map(key, words))
    at = 0
    while at < len(words):
        sizes = range(min(_MAX_WORDS, len(words) - at), 1, -1)
        size = next((size for size in sizes if keys[at : at + size] in _of_words()), 1)
        yield " ".join(words[at : at + size])
        at += size


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


def ambiguous(text: str, names: Sequence[str | Message]) -> Message:
    """The sentence for a text that means several instruments."""
    return Message(
        "ticker.ambiguous",
        "{text} may be {choices}; write which.",
        {"text": shown(text), "choices": choices(names)},
    )


def choices(names: Sequence[str | Message]) -> Message:
    """The first names among which one has to choose, and how many more there are."""
    more = len(names) - _CHOICES
    if more > 0:
        return Message(
            "choices.and-more",
            "{names} or {more:,} more",
            {"names": list(names[:_CHOICES]), "more": more},
        )
    return Message("choices.all", "{names: or }", {"names": list(names)})


def _with_english(one: Instrument) -> Message:
    values = {"ticker": one.ticker, "name": one.english}
    return Message("ticker.with-name", "{ticker} ({name})", values)


def shown(text: str) -> str:
    """What was typed, as far as it can be shown, and no more than a line holds."""
    return printable(text, _SHOWN)
