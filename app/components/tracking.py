"""The form that names tickers to track."""

import streamlit as st

from app import actions
from app.components.context import person
from app.components.formats import plain
from core.errors import TickerLensError
from core.services.track import MOST

WATCHED = "_watched_job"
_SENT = "_times_tracked"
_EXAMPLE = "2330.TW, AAPL, TSM"


def popover() -> None:
    """The form behind a button; one that was sent is put away, empty."""
    number = st.session_state.get(_SENT, 0)
    with st.popover("Track tickers", key=f"track-{number}"):
        form(f"more-tickers-{number}")


def form(key: str) -> None:
    """Tickers in, a job begun; what cannot be tracked is said below the form."""
    with st.form(key, border=False):
        text = st.text_area(
            "Tickers",
            placeholder=_EXAMPLE,
            height=100,
            help=f"At most {MOST} at once, between commas, spaces or new lines.",
        )
        st.caption(f"For instance {_EXAMPLE}. Daily bars come from Yahoo Finance.")
        pressed = st.form_submit_button("Track", type="primary")
    if not pressed:
        return
    try:
        job = actions.start_tracking(person(), text)
    except TickerLensError as error:
        st.error(plain(error.message))
        return
    st.session_state[WATCHED] = job
    st.session_state[_SENT] = st.session_state.get(_SENT, 0) + 1
    st.rerun()
