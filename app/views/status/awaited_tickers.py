"""What a person can do about tickers that were asked for and of which nothing came."""

import streamlit as st

from app.components.context import person
from app.components.formats import counted, plain
from app.components.tracking import WATCHED
from app.state import actions
from core.foundation.errors import TickerLensError
from core.market_data.awaited_tickers import Awaited
from core.workflows.bars.track_tickers import MAX_TICKERS


def draw(waiting: list[Awaited]) -> None:
    """Try them again, or take them back."""
    if not waiting:
        return
    chosen = st.multiselect(
        "Not fetched yet",
        [one.ticker.symbol for one in waiting],
        default=[one.ticker.symbol for one in waiting if not one.given_up][:MAX_TICKERS],
        help="Each ingest asks for them again; one that was not found on three sessions is asked "
        "for only from here.",
        filter_mode="prefix",
        key="not-fetched",
    )
    may = person().may_act
    with st.container(horizontal=True):
        again = st.button("Try again", disabled=not may or not chosen, key="fetch-again")
        dismissed = st.button("Dismiss", disabled=not may or not chosen, key="dismiss-awaited")
    if not may:
        st.caption("Sign in as a developer to try again or dismiss them.")
    try:
        if again:
            st.session_state[WATCHED] = actions.start_tracking(person(), ", ".join(chosen))
        if dismissed:
            actions.forget_awaited(person(), chosen)
            st.toast(plain(f"{counted(len(chosen), 'ticker')} dismissed."))
    except TickerLensError as error:
        st.error(plain(error.message))
        return
    if again or dismissed:
        st.rerun()
