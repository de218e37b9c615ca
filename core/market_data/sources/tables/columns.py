"""What the columns of people's files mean, by a table of words that a person can extend."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from core.foundation.errors import SchemaError
from core.foundation.printable import printable

SESSION, TIME, TICKER, NAME = "session", "time", "ticker", "name"
LAST, CHANGE, IGNORED = "last", "change", "ignored"
THOUSANDS, HUNDREDS, SHARES = "volume_thousands", "volume_hundreds", "shares"
TURNOVER = "turnover"  # the money traded
UNKNOWN = ""
MEANINGS = (
    *(SESSION, TIME, TICKER, NAME, "open", "high", "low", "close", LAST, "vendor_close"),
    *("volume", THOUSANDS, HUNDREDS, SHARES, TURNOVER, CHANGE),
    *("dividend", "capital_gain", "split_ratio"),
    *("adj_factor", "split_factor", IGNORED),
)
_TABLE = Path(__file__).parent / "columns.csv"
# Words in the names of columns that change what a price means.
_ACTIONS = re.compile(
    r"divid|split|coef|factor|bonus|\bex[- ]?(date|right)|rights|capital|spin|\badj|adjust|unadj"
    r"|dywid|ausschütt|除權|除息|除权|權息|权息|權值|息值|股利|配股|配息|派息|送股|分割|減資|减资"
    r"|還原|复权|復權|複權|調整|调整|係數|系数|因子|併合|合併|配当|배당|수정"
)
_ADJUSTED_PRICE = re.compile(r"adj(?:usted)?(?:open|high|low|close)(?:price)?")
_UNIT = re.compile(r"[(\[（【].*?[)\]）】]")
OURS = ("adj_factor", "split_factor")  # in the files this program gives, spelled like this alone
_NUMBERED = re.compile(r"^\s*\d{1,2}[a-z]?\.\s+")  # Alpha Vantage: "1. open"

Words = Mapping[str, str]


def known_words(own: Path | None = None) -> Words:
    """The meaning of each word, by its key.

    Parameters
    ----------
    own : a person's own table, in the columns of `columns.csv`; its words stand before ours.

    Raises
    ------
    SchemaError : the person's table has another meaning than those of `MEANINGS`.
    """
    if own is None or not own.is_file():
        return _shipped()
    return {**_shipped(), **_words(own.name, own.read_text("utf-8-sig", errors="replace"))}


def meaning(written: str, words: Words) -> str:
    """What a column of this name holds, one of `MEANINGS`; empty if that is not known.

    A unit in brackets is passed over where the name is not known with it, unless it says that the
    values are adjusted.
    """
    if written.strip() in OURS:
        return written.strip()
    plain = _NUMBERED.sub("", written)
    found = words.get(key(plain))
    if found is None:
        unit = "".join(_UNIT.findall(plain))
        without = key(_UNIT.sub("", plain))
        if unit and without and not looks_like_action(unit):
            found = words.get(without)
    return found or UNKNOWN


def looks_like_action(written: str) -> bool:
    """Whether a name speaks of dividends, splits or adjusted values."""
    return _ACTIONS.search(unicodedata.normalize("NFKC", written).casefold()) is not None


def is_adjusted_price(written: str) -> bool:
    """Whether a name is that of an adjusted open, high, low or close."""
    return _ADJUSTED_PRICE.fullmatch(key(written)) is not None


def key(written: str) -> str:
    """A name without case, accents, width, spaces and signs, but for a percent sign."""
    wide = unicodedata.normalize("NFKD", written.replace("Ł", "L").replace("ł", "l")).casefold()
    return "".join(one for one in wide if one.isalnum() or one == "%")


@lru_cache(maxsize=1)
def _shipped() -> Words:
    return _words(_TABLE.name, _TABLE.read_text("utf-8"))


def _words(name: str, text: str) -> Words:
    found = {}
    table = csv.DictReader(io.StringIO(text))
    if not {"meaning", "words"} <= set(table.fieldnames or ()):
        raise SchemaError(
            "columns.bad-header",
            "{file}: its first line should be meaning,vendor,words.",
            {"file": name},
            parameter="meaning",
        )
    for number, row in enumerate(table, 2):
        means = (row.get("meaning") or "").strip()
        if means not in MEANINGS:
            raise SchemaError(
                "columns.bad-meaning",
                '{file}: row {row} has the meaning "{meaning}"; known are {known}.',
                {"file": name, "row": number, "meaning": printable(means), "known": MEANINGS},
                parameter="meaning",
            )
        for word in (row.get("words") or "").split("|"):
            if key(word):
                found[key(word)] = means
    return found
