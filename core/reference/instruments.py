"""Instruments by name: what a person types, in English or Chinese, and the ticker it means."""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from core.foundation.errors import InvalidInputError
from core.foundation.messages import Message
from core.reference.exchanges import BY_SUFFIX
from core.reference.naming import spellings, taiwan_codes
from core.reference.naming.sentences import ambiguous, choices, shown
from core.reference.tickers import TPEX, TWSE, US, Ticker

TAIWAN_TEN = tuple(
    f"{code}.TW" for code in (2330, 2317, 2454, 2308, 2412, 2881, 2882, 2303, "0050", 2603)
)
US_TEN = ("AAPL", "MSFT", "NVDA", "GOOGL", "AMZN", "META", "TSLA", "TSM", "SPY", "QQQ")
_TABLE = Path(__file__).parent / "tables" / "instruments.csv"
# Letters as an East Asian keyboard may give them, and the space between them.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PASSED_OVER = str.maketrans("臺", "台", " .,'&-/*()")
# A code as a spreadsheet writes it: ="0050", or 50.0 in a column of numbers.
_CELL = re.compile(r'="([^"]+)"|([0-9]+)\.0+')
_AROUND_COLON = re.compile(r" *: *")
_BETWEEN_WORDS = re.compile(r"[\s()]+")
MAX_WORDS = 6  # in a name


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


@dataclass(frozen=True)
class Naming:
    """The ticker that a text means; `note` says so where it is neither its code nor a name."""

    ticker: Ticker
    note: Message | None = None


def find(text: str) -> Ticker:
    """The ticker that a text means, as `naming` reads it."""
    return naming(text).ticker


def naming(text: str) -> Naming:
    """What a code, a name or a ticker means, and whether that has to be said.

    Parameters
    ----------
    text : such as 2330, 台積電, TSMC, 2330.TW, BRK-B, or as other vendors write it (TPE:2330,
        AAPL.US), in any case, full-width or not. A ticker that is known stands before a name: TSM
        is the one in New York. Digits alone are a code of Taiwan, its zeros lost or not.

    Raises
    ------
    InvalidInputError : nothing is called so, several are, or it has no trading calendar here; the
        sentence says what to write.
    """
    plain = _as_typed(text)
    symbol = plain.upper() if plain.isascii() else plain
    if symbol in instruments():
        return Naming(instruments()[symbol].ticker)
    called = [one.ticker.symbol for one in _by_name().get(key(plain), ())]
    if taiwan_codes.CODE.fullmatch(symbol):
        means = _of_code(symbol, called)
    else:
        means = called or _of_exchange(symbol)
    if len(means) > 1:
        raise InvalidInputError.of(ambiguous(plain, list(map(_with_english, means))), "ticker")
    if not means:
        means = _of_every_word(plain) or _near_or_refused(plain)
    ticker = Ticker.parse(plain if means == [symbol] else means[0])
    market = ticker.market  # refuses an exchange without a calendar
    if market is US and ticker.symbol[0].isdigit():
        raise InvalidInputError(
            "ticker.not-american",
            "{symbol} is no ticker known here; those of the United States begin with a letter, and "
            "codes of Taiwan have 4 to 6 digits, such as 2330.TW.",
            {"symbol": shown(plain)},
            parameter="ticker",
        )
    if called or ticker.symbol == symbol:
        return Naming(ticker)
    meant = str(instruments().get(ticker.symbol, ticker))
    read = Message(
        "ticker.read-as", "{text} was read as {ticker}.", {"text": shown(plain), "ticker": meant}
    )
    return Naming(ticker, read)


def _as_typed(text: str) -> str:
    """A text in plain letters, without what a spreadsheet puts around a code or behind it."""
    plain = _AROUND_COLON.sub(":", text.translate(_NARROW).strip())
    cell = _CELL.fullmatch(plain)
    return (cell[1] or cell[2]) if cell else plain


def _of_code(code: str, called: list[str]) -> list[str]:
    """Tickers that a code without an exchange means.

    Raises
    ------
    InvalidInputError : none is known, and which they may be.
    """
    own = called or taiwan_codes.preferred(code, instruments())
    longer = [one for one in taiwan_codes.listed_as(code, instruments()) if one not in own]
    if own or longer and not taiwan_codes.has_all_digits(code):
        return own + longer
    _refuse_code(code, longer + [symbol for symbol in instruments() if _is_code_of(code, symbol)])


def _is_code_of(code: str, symbol: str) -> bool:
    own, dot, ending = symbol.partition(".")
    return bool(dot) and own == spellings.own_form(code, dot + ending)


def _of_exchange(symbol: str) -> list[str]:
    """Tickers that a code with its exchange means, as Yahoo or another vendor writes it."""
    code, dot, ending = symbol.rpartition(".")
    means: dict[str, None] = {}
    if dot + ending in BY_SUFFIX:
        spelled = [(spellings.own_form(code, dot + ending), dot + ending)]
    else:
        one_word = symbol.isascii() and " " not in symbol
        spelled = spellings.spelled(symbol)
        spelled = spelled or [(spellings.own_form(symbol, ""), "")] * one_word
    for code, suffix in spelled:
        of_taiwan = suffix in (TWSE.suffix, TPEX.suffix) and taiwan_codes.CODE.fullmatch(code)
        means |= dict.fromkeys(_of_taiwan(code, suffix) if of_taiwan else [code + suffix])
    known = [one for one in means if one in instruments()]
    return known if len(known) == 1 else list(means)


def _of_taiwan(code: str, board: str) -> list[str]:
    """Tickers that a code of Taiwan means beside a board, which may be the other one."""
    listed = taiwan_codes.listed_as(code, instruments())
    exact = [symbol for symbol in listed if symbol.partition(".")[0] == code]
    if exact:
        return [code + board] if code + board in exact else exact
    if taiwan_codes.has_all_digits(code):
        return taiwan_codes.preferred(code, instruments()) or [code + board]
    return listed or _refuse_code(code, [])


def _refuse_code(code: str, elsewhere: list[str]) -> NoReturn:
    may_be = [*elsewhere, *taiwan_codes.possible(code)]
    raise InvalidInputError(
        "ticker.bare-number",
        "{symbol} is not known by its code alone; if {choices} is meant, write that.",
        {"symbol": code, "choices": choices(list(map(_with_english, may_be)))},
        parameter="ticker",
    )


def _of_every_word(plain: str) -> list[str]:
    """The ticker that each of several words means, such as "2330 台積電"; none if they differ."""
    words = [word for word in _BETWEEN_WORDS.split(plain) if word]
    if not 1 < len(words) <= MAX_WORDS:
        return []
    try:
        means = {find(word).symbol for word in words}
    except InvalidInputError:
        return []
    return list(means) if len(means) == 1 else []


def _near_or_refused(plain: str) -> NoReturn:
    near = search(plain, 3)
    if near:
        raise InvalidInputError(
            "ticker.near-names",
            "Nothing known here is called {name}; is it {choices: or }?",
            {"name": shown(plain), "choices": list(map(str, near))},
            parameter="ticker",
        )
    if plain.isascii():
        Ticker.parse(plain)  # says what a ticker looks like
    raise InvalidInputError(
        "ticker.unknown-name",
        "Nothing known here is called {name}; write its ticker, such as 2330.TW.",
        {"name": shown(plain)},
        parameter="ticker",
    )


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


def _with_english(symbol: str) -> str | Message:
    if symbol not in instruments():
        return symbol
    values = {"ticker": symbol, "name": instruments()[symbol].english}
    return Message("ticker.with-name", "{ticker} ({name})", values)
