"""All that the address may say: one reader for each parameter, each with one default."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.components.palettes import DEFAULT_PALETTE, PALETTES
from app.state.stores import stores
from app.views.history.candles import OVERLAYS, SCALES
from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.printable import printable
from core.market_data.ticker_search import exact
from core.reference.schema import MAX_HORIZON, validate_horizon

RANGES = {"1M": 1, "3M": 3, "6M": 6, "YTD": 0, "1Y": 12, "5Y": 60, "Max": None}
MOST_COMPARED, MOST_OVERLAYS = 4, 3
MOST_FILTER_CHARACTERS = 500
_PREFERRED = "AAPL"
_SHOWN_CHARACTERS = 20
EVERY_PAGE = ("forecast", "history", "experiments", "drift", "retrain", "status")


@dataclass(frozen=True)
class Parameter:
    """One name in the address.

    Parameters
    ----------
    read : a text and the tracked symbols to a value; raises `InvalidInputError`, whose sentence
        repeats a few characters of the text at most.
    default : the value where the address says nothing, or nothing that can be read.
    write : a value to text; empty where the address need not say it.
    describe : what is shown of a default, to end a sentence that begins with "Showing".
    pages : those that show what it says; the others hand it on as it is.
    """

    read: Callable[[str, list[str]], Any]
    default: Callable[[list[str]], Any]
    write: Callable[[Any], str] = str
    describe: Callable[[Any], str] = str
    pages: tuple[str, ...] = EVERY_PAGE

    def is_read_by(self, page: str) -> bool:
        """Whether a page shows what this says."""
        return page in self.pages


def _one_of(names: Iterable[str], what: str) -> Callable[[str, list[str]], str]:
    known = frozenset(names)

    def read(text: str, tracked: list[str]) -> str:
        if text not in known:
            raise InvalidInputError(
                "address.unknown-value",
                'There is no {what} "{value}".',
                {"what": what, "value": printable(text, _SHOWN_CHARACTERS)},
                parameter=what,
            )
        return text

    return read


def _adjusted(text: str, tracked: list[str]) -> bool:
    if text not in ("0", "1"):
        raise InvalidInputError(
            "address.adjusted-not-binary",
            'Adjusted is 1 or 0, not "{value}".',
            {"value": printable(text, _SHOWN_CHARACTERS)},
            parameter="adjusted",
        )
    return text == "1"


def _ticker(text: str, tracked: list[str]) -> str:
    now = stores().renames().now(text.strip().upper())
    try:
        return now if now in tracked else exact(text, tracked)
    except NotFoundError as error:
        raise InvalidInputError.of(error.sentence, error.parameter) from None


def _first(tracked: list[str]) -> str:
    return _PREFERRED if _PREFERRED in tracked else tracked[0]


def _horizon(text: str, tracked: list[str]) -> int:
    short = len(text) <= len(str(MAX_HORIZON)) + 1  # Python refuses a number of 5,000 digits
    return validate_horizon(int(text) if short and text.isascii() and text.isdigit() else text)


def _listed(text: str, what: str, most: int) -> list[str]:
    parts = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(parts) > most:
        raise InvalidInputError(
            "address.too-many",
            "At most {most} {what} may be named.",
            {"most": most, "what": what},
            parameter=what,
        )
    return parts


def _compare(text: str, tracked: list[str]) -> list[str]:
    parts = _listed(text, "tickers to compare with", MOST_COMPARED)
    return list(dict.fromkeys(_ticker(part, tracked) for part in parts))


def overlay_code(name: str) -> str:
    """An overlay as the address names it, such as sma20."""
    return name.replace(" ", "").casefold()


def _overlays(text: str, tracked: list[str]) -> list[str]:
    known = {overlay_code(name): name for name in OVERLAYS}
    read = _one_of(known, "overlay")
    parts = _listed(text, "overlays", MOST_OVERLAYS)
    return list(dict.fromkeys(known[read(part, tracked)] for part in parts))


def _filter(text: str, tracked: list[str]) -> str:
    if len(text) > MOST_FILTER_CHARACTERS:
        raise InvalidInputError(
            "address.filter-too-long",
            "A filter has at most {most} characters.",
            {"most": MOST_FILTER_CHARACTERS},
            parameter="filter",
        )
    return text


PARAMETERS = {
    "ticker": Parameter(_ticker, _first),
    "h": Parameter(_horizon, lambda tracked: MAX_HORIZON, pages=("forecast",)),
    "colours": Parameter(_one_of(PALETTES, "colour scheme"), lambda tracked: DEFAULT_PALETTE),
    "range": Parameter(_one_of(RANGES, "range"), lambda tracked: "1Y", pages=("history",)),
    "scale": Parameter(_one_of(SCALES, "scale"), lambda tracked: SCALES[0], pages=("history",)),
    "adjusted": Parameter(
        _adjusted,
        lambda tracked: True,
        lambda value: str(int(value)),
        lambda value: "adjusted prices",
        pages=("history",),
    ),
    "overlays": Parameter(
        _overlays,
        lambda tracked: [],
        lambda value: ",".join(map(overlay_code, value)),
        lambda value: "none",
        pages=("history",),
    ),
    "compare": Parameter(
        _compare, lambda tracked: [], ",".join, lambda value: "one ticker", pages=("history",)
    ),
    "filter": Parameter(
        _filter, lambda tracked: "", str, lambda value: "all runs", pages=("experiments",)
    ),
}
