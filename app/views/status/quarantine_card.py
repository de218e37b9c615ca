"""One fault seen from near: its bars, what is withheld, and a developer's word on it."""

import pandas as pd
import streamlit as st

from app.components import charts
from app.components.context import is_dark
from app.components.formats import column_format, instant, plain, signed, written
from app.components.grid import data_grid
from app.state import actions, queries
from app.views.status import quarantine_chart, step
from core.foundation.audit import MAX_REASON_CHARACTERS
from core.foundation.errors import TickerLensError
from core.foundation.keys.person import Person
from core.market_data.checks.finding import Fault
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.records.quarantine_lists import Listed
from core.reference.bar_holds import Hold
from core.reference.bar_sources import is_sample
from core.reference.tickers import Ticker

KINDS = {
    Fault.PRICE: "No usable price",
    Fault.RANGE: "High below low",
    Fault.DUPLICATE: "Session twice",
    Fault.ORDER: "Out of order",
    Fault.CLOSED: "Exchange closed",
    Fault.NO_VOLUME: "No volume",
    Fault.STALE: "Bar repeated",
    Fault.LOTS: "Unfinished volume",
    Fault.SPLIT: "Split",
    Fault.UNITS: "100 times",
    Fault.JUMP: "Jump",
    Fault.STEP: "Step",
    Fault.CONTRADICTION: "Another series",
    Fault.DIVIDEND: "Dividend",
    Fault.SOURCES: "Sources differ",
    Fault.SERIES: "Whole series",
}
_EFFECTS = {
    Hold.NONE: "Nothing is withheld: it is mended.",
    Hold.PRICES: "Its prices are not read; its dividend and split count on the next bar.",
    Hold.ACTIONS: "Its prices are read, its dividend and split are not.",
    Hold.ALL: "Nothing of it is read.",
    Hold.STEP: "Nothing before it is read, until somebody says what it was.",
}
_WORDS = {
    QuarantineStatus.RELEASED: (
        "Release",
        "From now on charts, forecasts and trainings read it as it is.",
    ),
    QuarantineStatus.DISCARDED: (
        "Discard",
        "It is never read. It stays stored, and can be released later.",
    ),
}
DECIDED = "_decided"  # the key of what to say once of a decision


def span(one: QuarantineEntry) -> str:
    """The sessions of a fault, such as "2000-09-29" or "2000-09-29 to 2000-10-03 (3)"."""
    if one.first == one.last:
        return f"{one.first}"
    return f"{one.first} to {one.last} ({one.sessions:,})"


def _effect(one: QuarantineEntry) -> str:
    if one.code == Fault.CONTRADICTION:
        return "What was stored before is read; nothing that came is stored."
    return _EFFECTS[one.hold]


def draw(name: str, reader: Person, one: QuarantineEntry) -> None:
    """The fault, and below it the buttons; `name` tells the widgets of several lists apart."""
    rows = queries.rows(Ticker.parse(one.ticker))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(f'{one.ticker} {span(one)}')}**", width="content")
        st.badge(f"◆ {KINDS.get(one.code, one.code)}", color="violet")
        if is_sample(one.source):
            st.badge("SAMPLE", color="orange")
    st.markdown(plain(one.reason))
    known = f"From {one.source}, found {instant(one.found_at)}."
    effect = "" if one.status == QuarantineStatus.RELEASED else f"{_effect(one)} "
    st.caption(plain(f"{effect}{known}"))
    if one.decided_at is not None:
        decision = f"{_decision(one)} by {one.decided_by}, {instant(one.decided_at)}"
        st.markdown(plain(f"{decision}: {one.decision_reason}"))
    listed = quarantine_chart.table(rows, one)
    if listed.empty:
        st.caption("These bars are not stored any more.")
        return
    st.plotly_chart(
        quarantine_chart.chart(rows, one, is_dark()),
        config=charts.SMALL,
        alt=f"Closes of {one.ticker} as traded around {span(one)}; the table below holds the "
        "numbers.",
        key=f"{name}-chart",
    )
    _values(one, listed)
    if one.status != QuarantineStatus.REPAIRED:
        _words(reader, one)


def _decision(one: QuarantineEntry) -> str:
    """What was decided, such as "Released" or "Answered, split 4:1,"."""
    if one.explanation:
        return f"Answered, {one.explanation},"
    taken_back = one.code == Fault.STEP and one.status == QuarantineStatus.OPEN
    return "Answer taken back" if taken_back else one.status.capitalize()


def _values(one: QuarantineEntry, listed: pd.DataFrame) -> None:
    price = column_format(listed["Close"].median())
    data_grid(
        written(
            listed,
            {
                "Change %": signed,
                **dict.fromkeys(("Dividend", "Split"), "{:g}".format),
            },
        ),
        hide_index=True,
        height="auto",
        column_config={
            "Session": st.column_config.TextColumn(help="◆ is asked about."),
            **{
                name: st.column_config.NumberColumn(format=price)
                for name in ("Open", "High", "Low", "Close")
            },
            "Change %": st.column_config.NumberColumn(
                help="From the close before, splits taken out."
            ),
            "Volume": st.column_config.NumberColumn(format="localized"),
        },
        alt=f"Bars of {one.ticker} as traded around {span(one)}",
    )


def _words(reader: Person, one: QuarantineEntry) -> None:
    if not reader.may_act:
        st.caption("You see why it is held; only a developer decides. Sign in in the sidebar.")
        return
    if one.code == Fault.STEP:
        step.draw(reader, one, DECIDED)
        return
    alike = queries.faults().numbers(Listed((one.status,), one.ticker, one.code))
    with st.container(horizontal=True):
        for status, (verb, effect) in _WORDS.items():
            if status != one.status:
                _offer(reader, one, alike, status, verb, effect)


def _offer(
    reader: Person, one: QuarantineEntry, alike: list[int], status: str, verb: str, effect: str
) -> None:
    with st.popover(f"{verb} ..."):
        st.write(effect)
        reason = st.text_input(
            "Reason", max_chars=MAX_REASON_CHARACTERS, key=f"{verb}-reason-{one.id}"
        )
        every = len(alike) > 1 and st.checkbox(
            f"All {len(alike):,} shown of {one.ticker} and this kind", key=f"{verb}-all-{one.id}"
        )
        if not st.button(verb, type="primary", key=f"{verb}-button-{one.id}"):
            return
        try:
            done = actions.decide(reader, alike if every else [one.id], status, reason)
        except TickerLensError as error:
            st.error(plain(error.message))
            return
    rest = f" and {len(done) - 1:,} more" if len(done) > 1 else ""
    st.session_state[DECIDED] = (
        f"{status.capitalize()}: {one.ticker} {span(one)}{rest}. It can be undone under Decided."
    )
    st.rerun()
