"""What the reader looks at: kept in the address, so that reload, Back and a shared link agree."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.api.auth import COOKIE
from app.components.address import PARAMETERS
from app.components.formats import plain
from app.components.palettes import PALETTES, Palette
from app.state.stores import stores
from app.web.callers import LOOPBACK
from core.foundation.errors import InvalidInputError
from core.foundation.keys.caller import Caller, Entrance
from core.foundation.keys.person import VIEWER, Person
from core.reference.tickers import Ticker


@dataclass(frozen=True)
class Context:
    """One reader's choices, each valid."""

    ticker: Ticker
    name: str
    horizon: int
    palette: Palette
    dark: bool


def person() -> Person:
    """Who this browser is, and from where. Asked on every run: a tab keeps its cookie after the
    session ended."""
    cookie, address = st.context.cookies.get(COOKIE), st.context.ip_address
    found = stores().access.session(cookie) if isinstance(cookie, str) else VIEWER
    shown = address if isinstance(address, str) else LOOPBACK  # of this machine it says nothing
    return found.calling_from(Caller(Entrance.PAGE, shown))


def is_dark() -> bool:
    """Whether the page is drawn light on dark."""
    return bool(st.context.theme.get("type") == "dark")


def settle(catalog: pd.DataFrame, page: str) -> None:
    """Bring address and choices together; a bad value of what the page reads gives one warning."""
    tracked = catalog["ticker"].tolist()
    for name, parameter in PARAMETERS.items():
        _settle_one(name, tracked, parameter.is_read_by(page))
    if st.session_state["ticker"] not in tracked:  # renamed or removed while being looked at
        now = stores().renames().now(st.session_state["ticker"])
        known = now if now in tracked else PARAMETERS["ticker"].default(tracked)
        st.session_state["ticker"] = known


def look_at(symbols: tuple[str, ...], catalog: pd.DataFrame) -> None:
    """Turn to the first of these tickers that is tracked, if any is; after `settle`."""
    tracked = set(catalog["ticker"])
    st.session_state["ticker"] = next(
        (symbol for symbol in symbols if symbol in tracked), st.session_state["ticker"]
    )


def publish() -> None:
    """Write the choices that were changed on the page into the address."""
    for name in PARAMETERS:
        if _changed(name):
            value = st.session_state[name]
            text = PARAMETERS[name].write(value)
            if text:
                st.query_params[name] = text
            else:
                st.query_params.pop(name, None)
            _remember(name, text or None, value)


def address() -> dict[str, str]:
    """What the address will say when this run has ended, for links to other pages."""
    written = {
        name: PARAMETERS[name].write(st.session_state[name])
        for name in PARAMETERS
        if st.session_state[f"_address_{name}"] is not None or _changed(name)
    }
    unread = {
        name: st.query_params[name]
        for name in PARAMETERS
        if name in st.query_params and name not in written
    }
    return {name: text for name, text in (written | unread).items() if text}


def current(catalog: pd.DataFrame) -> Context:
    """The reader's choices, after `settle`."""
    symbol, names = st.session_state["ticker"], catalog.set_index("ticker")["name"]
    if symbol not in names.index:  # renamed or removed since this run began
        st.rerun()
    return Context(
        ticker=Ticker.parse(symbol),
        name=str(names[symbol]),
        horizon=st.session_state["h"],
        palette=PALETTES[st.session_state["colours"]],
        dark=is_dark(),
    )


def bound(name: str, read: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """Arguments that tie a widget to a choice: it survives on pages that do not draw it.

    `read` makes the choice out of what the widget gives.
    """
    key = f"_widget_{name}"

    def keep() -> None:
        st.session_state[name] = read(st.session_state[key])

    st.session_state[key] = st.session_state[name]
    return {"key": key, "on_change": keep}


def _settle_one(name: str, tracked: list[str], is_read: bool) -> None:
    raw, parameter = st.query_params.get(name), PARAMETERS[name]
    if name in st.session_state and raw == st.session_state[f"_address_{name}"]:
        return  # the address says what it said; the page may have changed the choice since
    value = parameter.default(tracked)
    if raw is not None:
        try:
            value = parameter.read(raw, tracked)
        except InvalidInputError as error:
            if is_read:
                st.warning(plain(f"{error.message} Showing {parameter.describe(value)} instead."))
            else:
                raw = None  # left for the page that reads it
    st.session_state[name] = value
    _remember(name, raw, value)


def _changed(name: str) -> bool:
    return bool(st.session_state[name] != st.session_state[f"_stands_{name}"])


def _remember(name: str, text: str | None, value: Any) -> None:
    """Note what the address says and stands for. What it stands for is never written again: every
    write is a step for the Back button, and one it undoes at once would hold the reader there."""
    st.session_state[f"_address_{name}"] = text
    st.session_state[f"_stands_{name}"] = value
