"""What the reader looks at: kept in the address, so that reload, Back and a shared link agree."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.api.auth import COOKIE
from app.components.formats import plain
from app.components.palettes import DEFAULT_PALETTE, PALETTES, Palette
from app.stores import stores
from core.errors import InvalidInputError, TickerLensError
from core.schema import MAX_HORIZON, validate_horizon
from core.storage.access import VIEWER, Person
from core.tickers import Ticker

_PREFERRED = "AAPL"
_NAMES = ("ticker", "h", "colours")


@dataclass(frozen=True)
class Context:
    """One reader's choices, each valid."""

    ticker: Ticker
    name: str
    horizon: int
    palette: Palette
    dark: bool


def person() -> Person:
    """Who this browser is. Asked on every run: a tab keeps its cookie after the session ended."""
    cookie = st.context.cookies.get(COOKIE)
    return stores().access.session(cookie) if isinstance(cookie, str) else VIEWER


def is_dark() -> bool:
    """Whether the page is drawn light on dark."""
    return bool(st.context.theme.get("type") == "dark")


def settle(catalog: pd.DataFrame) -> None:
    """Bring address and choices together; a bad value in the address gives one warning."""
    tracked = catalog["ticker"].tolist()

    def ticker(text: str) -> str:
        symbol = Ticker.parse(text).symbol
        if symbol not in tracked:
            raise InvalidInputError(f"{symbol} is not tracked here.")
        return symbol

    def colours(text: str) -> str:
        if text not in PALETTES:
            raise InvalidInputError(f"There is no colour scheme {ascii(text[:20])}.")
        return text

    first = _PREFERRED if _PREFERRED in tracked else tracked[0]
    _settle_one("ticker", ticker, first)
    _settle_one("h", horizon_from_text, MAX_HORIZON)
    _settle_one("colours", colours, DEFAULT_PALETTE)
    if st.session_state["ticker"] not in tracked:  # it was removed while being looked at
        st.session_state["ticker"] = first


def look_at(symbols: tuple[str, ...], catalog: pd.DataFrame) -> None:
    """Turn to the first of these tickers that is tracked, if any is; after `settle`."""
    tracked = set(catalog["ticker"])
    st.session_state["ticker"] = next(
        (symbol for symbol in symbols if symbol in tracked), st.session_state["ticker"]
    )


def horizon_from_text(text: str) -> int:
    """A horizon as written in the address."""
    return validate_horizon(int(text) if text.isascii() and text.isdigit() else text)


def publish() -> None:
    """Write the choices that were changed on the page into the address."""
    for name in _NAMES:
        if _changed(name):
            value = st.session_state[name]
            st.query_params[name] = str(value)
            _remember(name, str(value), value)


def address() -> dict[str, str]:
    """What the address will say when this run has ended, for links to other pages."""
    return {
        name: str(st.session_state[name])
        for name in _NAMES
        if st.session_state[f"_address_{name}"] is not None or _changed(name)
    }


def current(catalog: pd.DataFrame) -> Context:
    """The reader's choices, after `settle`."""
    symbol = st.session_state["ticker"]
    return Context(
        ticker=Ticker.parse(symbol),
        name=str(catalog.set_index("ticker")["name"][symbol]),
        horizon=st.session_state["h"],
        palette=PALETTES[st.session_state["colours"]],
        dark=is_dark(),
    )


def bound(name: str) -> dict[str, Any]:
    """Arguments that tie a widget to a choice: it survives on pages that do not draw it."""
    key = f"_widget_{name}"

    def keep() -> None:
        st.session_state[name] = st.session_state[key]

    st.session_state[key] = st.session_state[name]
    return {"key": key, "on_change": keep}


def _settle_one(name: str, read: Callable[[str], Any], default: Any) -> None:
    asked = st.query_params.get(name)
    if name in st.session_state and asked == st.session_state[f"_address_{name}"]:
        return  # the address says what it said; the page may have changed the choice since
    try:
        value = default if asked is None else read(asked)
    except TickerLensError as error:
        value = default
        st.warning(f"{plain(error.message)} Showing {default} instead.")
    st.session_state[name] = value
    _remember(name, asked, value)


def _changed(name: str) -> bool:
    return bool(st.session_state[name] != st.session_state[f"_stands_{name}"])


def _remember(name: str, text: str | None, value: Any) -> None:
    """Note what the address says and stands for. What it stands for is never written again: every
    write is a step for the Back button, and one it undoes at once would hold the reader there."""
    st.session_state[f"_address_{name}"] = text
    st.session_state[f"_stands_{name}"] = value
