"""Choosing tickers by code or name; one that is known but not tracked is said, never replaced."""

import pandas as pd
import streamlit as st

from app.components import context, tracking
from app.components.address import MOST_COMPARED
from app.components.formats import plain
from app.state import actions
from core.foundation.errors import TickerLensError
from core.market_data.ticker_search import Pick, pick

_NOTE = "_pick_note"


def ticker(catalog: pd.DataFrame) -> None:
    """The ticker that the pages show."""
    names = dict(zip(catalog["ticker"], catalog["name"]))
    tracked = list(names)
    st.selectbox(
        "Ticker",
        tracked,
        format_func=lambda symbol: f"{symbol} {names.get(symbol, '')}".strip(),
        accept_new_options=True,
        filter_mode="prefix",
        help="Type a code or a name, Chinese or English, or how it begins, and press Enter.",
        **context.bound("ticker", lambda text: _chosen(text, tracked, st.session_state["ticker"])),
    )
    _say("ticker")


def others(tracked: list[str]) -> list[str]:
    """The tickers that the one shown is compared with."""

    def read(texts: list[str]) -> list[str]:
        chosen = (_chosen(text, tracked, "", "compare") for text in texts)
        return list(dict.fromkeys(filter(None, chosen)))

    st.multiselect(
        "Compare with",
        tracked,
        max_selections=MOST_COMPARED,
        accept_new_options=True,
        filter_mode="prefix",
        **context.bound("compare", read),
    )
    _say("compare")
    chosen: list[str] = st.session_state["compare"]
    return chosen


def _chosen(text: str, tracked: list[str], otherwise: str, place: str = "ticker") -> str:
    found = pick(text, tracked)
    if not found.symbol or found.note is not None:
        st.session_state[f"{_NOTE}-{place}"] = found
    return found.symbol or otherwise


def _say(place: str) -> None:
    """How a text was read, or that it means nothing tracked, once, with a way to track it."""
    note: Pick | None = st.session_state.pop(f"{_NOTE}-{place}", None)
    if note is None:
        return
    if note.note is not None:
        st.caption(plain(str(note.note)))
        return
    st.warning(plain(str(note.sentence)))
    if note.untracked is None:
        return
    if context.person().may_act:
        symbol = note.untracked.symbol
        st.button(f"Track {symbol}", on_click=_track, args=(symbol, place), key=f"track-{place}")
    else:
        st.caption("A developer can track it; sign in to do so.")


def _track(symbol: str, place: str) -> None:
    try:
        st.session_state[tracking.WATCHED] = actions.start_tracking(context.person(), symbol)
    except TickerLensError as error:
        st.session_state[f"{_NOTE}-{place}"] = Pick(sentence=error.sentence)
