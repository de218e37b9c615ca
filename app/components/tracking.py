"""The forms that name tickers to track, and the symbol that a tracked one has now."""

import streamlit as st

from app.components.context import person
from app.components.formats import plain
from app.components.own_files import dialog
from app.state import actions
from app.state.jobs import Job
from app.state.stores import stores
from core.foundation.audit import MAX_REASON_CHARACTERS
from core.foundation.errors import TickerLensError
from core.reference.instruments import TAIWAN_TEN, US_TEN, instruments
from core.workflows.bars.track_tickers import MAX_TICKERS
from core.workflows.schedules.evenings import EVENINGS
from core.workflows.schedules.switches import undecided_markets

WATCHED = dialog.STARTED
_SENT = "_times_tracked"
_SENT_TEXT, _TO_TYPE = "_text_tracked", "_text_to_track"
_EXAMPLE = "2330.TW, AAPL, TSM"
MARKET_LABELS = {
    "us": "the tickers of the United States",
    "tw": "those of Taiwan",
    "other": "those of other markets",
}
_TENS = {"Taiwan ten": TAIWAN_TEN, "US ten": US_TEN}


def feeds() -> str:
    """Where bars come from unless a person names a file, as the settings have it."""
    taiwan = {"twse": ", those of Taiwan from TWSE and TPEx"}
    taiwan["both"] = taiwan["twse"] + " as well"
    return "Yahoo Finance" + taiwan.get(stores().settings.tw_source, "")


def popover() -> None:
    """The form behind a button; one that was sent is put away, empty."""
    number = st.session_state.get(_SENT, 0)
    with st.popover("Track tickers", key=f"track-{number}"):
        form(f"more-tickers-{number}")


def form(key: str) -> None:
    """Tickers in, a job begun; what cannot be tracked is said below the form."""
    box = f"{key}-text"
    if not st.session_state.get(box):
        st.session_state[box] = st.session_state.pop(_TO_TYPE, "")
    with st.form(key, border=False):
        text = st.text_area(
            "Tickers",
            key=box,
            placeholder=_EXAMPLE,
            height=100,
            help=f"At most {MAX_TICKERS} tickers, codes or names such as 2330, 台積電 or Hon Hai, "
            "between commas or new lines.",
        )
        st.caption(f"For instance {_EXAMPLE}. Daily bars come from {feeds()}.")
        with st.container(horizontal=True):
            pressed = st.form_submit_button("Track", type="primary")
            for label, symbols in _TENS.items():
                st.form_submit_button(
                    label,
                    on_click=_add,
                    args=(box, symbols),
                    help=f"Fill in {', '.join(map(_label, symbols))}.",
                )
    if person().may_act:
        st.button("Read files of mine", key=f"{key}-own-files", on_click=_read_own_files)
    if not pressed:
        return
    try:
        job = actions.start_tracking(person(), text)
    except TickerLensError as error:
        st.error(plain(error.message))
        return
    st.session_state[WATCHED] = job
    st.session_state[_SENT] = st.session_state.get(_SENT, 0) + 1
    st.session_state[_SENT_TEXT] = text
    st.rerun()


def new_symbol(symbol: str) -> None:
    """The form that says what a tracked ticker is called now, behind a button."""
    with st.popover("New symbol", key=f"new-symbol-{symbol}"):
        st.write(
            f"Has the company changed its symbol? The bars of {symbol}, its forecasts and models "
            "go on under the new one. It stays on record; the command line can take it back."
        )
        with st.form(f"rename-{symbol}", border=False):
            text = st.text_input("Symbol now", placeholder="META")
            reason = st.text_input("Reason", max_chars=MAX_REASON_CHARACTERS)
            pressed = st.form_submit_button("Rename", type="primary")
        if not pressed:
            return
        try:
            job = actions.start_renaming(person(), symbol, text, reason)
        except TickerLensError as error:
            st.error(plain(error.message))
            return
    st.session_state[WATCHED] = job
    st.rerun()


def evening_offer() -> None:
    """Asks a developer once whether a market's tickers are to be kept up to date by themselves."""
    reader = person()
    for market in undecided_markets(stores()) if reader.may_act else ():
        with st.container(border=True, key=f"evening-{market}"):
            hour = EVENINGS[market]
            st.write(
                f"Keep {MARKET_LABELS[market]} up to date every evening? Bars, scores and new "
                f"forecasts, at {hour.hour:%H:%M} in {hour.zone.split('/')[-1].replace('_', ' ')}."
            )
            with st.container(horizontal=True):
                for label, active in (("Every evening", True), ("No", False)):
                    if st.button(label, key=f"evening-{market}-{active}"):
                        actions.switch_nightly(reader, market, active)
                        st.rerun()


def give_back(job: Job) -> None:
    """What was typed for a job that failed stands in the form again."""
    text = st.session_state.pop(_SENT_TEXT, "")
    if job.error:
        st.session_state[_TO_TYPE] = text


def _read_own_files() -> None:
    """Put the form away for the window of files."""
    st.session_state[_SENT] = st.session_state.get(_SENT, 0) + 1
    dialog.show()


def _add(box: str, symbols: tuple[str, ...]) -> None:
    """Write tickers behind what is typed already."""
    typed = st.session_state[box].strip(" ,\n")
    more = [_label(symbol) for symbol in symbols if symbol not in typed]
    st.session_state[box] = ", ".join(filter(None, [typed, *more]))


def _label(symbol: str) -> str:
    return f"{symbol} {instruments()[symbol].chinese}"
