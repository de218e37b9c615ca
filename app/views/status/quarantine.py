"""What is held back: a list, each fault seen from near, and a developer's word on it."""

import pandas as pd
import streamlit as st

from app.components import charts
from app.components.context import is_dark, person
from app.components.formats import column_format, counted, instant, plain, signed, written
from app.components.grid import data_grid
from app.state import actions, queries
from app.views.status import quarantine_chart, step
from core.foundation.audit import MAX_REASON_CHARACTERS
from core.foundation.errors import TickerLensError
from core.foundation.keys.person import Person
from core.market_data.checks.finding import Fault
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
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
_EVERY = "All"
_DECIDED = "_decided"


def draw() -> None:
    """Three lists: what waits for a word, what was decided, what was mended."""
    waiting = queries.entries(QuarantineStatus.OPEN)
    decided = queries.entries(QuarantineStatus.RELEASED, QuarantineStatus.DISCARDED)
    repaired = queries.entries(QuarantineStatus.REPAIRED)
    message = st.session_state.pop(_DECIDED, "")
    if message:
        st.info(plain(message))
    tabs = st.tabs(
        [
            f"Waiting for a word ({len(waiting):,})",
            f"Decided ({len(decided):,})",
            f"Mended ({len(repaired):,})",
        ]
    )
    reader = person()
    with tabs[0]:
        _list("waiting", reader, waiting, "Nothing is held back.")
    with tabs[1]:
        newest = sorted(decided, key=lambda one: one.decided_at or one.found_at, reverse=True)
        _list("decided", reader, newest, "Nobody has decided on anything yet.")
    with tabs[2]:
        _list("mended", reader, repaired, "Nothing had to be mended.")


def _list(name: str, reader: Person, entries: list[QuarantineEntry], nothing: str) -> None:
    if not entries:
        st.caption(nothing)
        return
    shown = _filtered(name, entries) if len(entries) > 1 else entries
    if not shown:
        st.caption("None of this ticker and kind.")
        return
    key = f"{name}-entry"
    numbers = {one.id: one for one in shown}
    if st.session_state.get(key) not in numbers:
        st.session_state[key] = _first(shown).id
    if len(shown) > 1:
        _pick(name, shown, key)
    chosen = numbers[st.session_state[key]]
    with st.container(border=True, key=f"{name}-card"):
        _card(name, reader, chosen, shown)


def _filtered(name: str, entries: list[QuarantineEntry]) -> list[QuarantineEntry]:
    left, right = st.columns(2)
    ticker = left.selectbox(
        "Of ticker",
        [_EVERY, *dict.fromkeys(sorted(one.ticker for one in entries))],
        filter_mode="prefix",
        key=f"{name}-ticker",
    )
    kind = right.selectbox(
        "Of kind",
        [_EVERY, *dict.fromkeys(sorted(one.code for one in entries))],
        format_func=lambda code: KINDS.get(code, code),
        filter_mode="prefix",
        key=f"{name}-kind",
    )
    return [one for one in entries if ticker in (_EVERY, one.ticker) and kind in (_EVERY, one.code)]


def _first(shown: list[QuarantineEntry]) -> QuarantineEntry:
    """The one looked at first: of the ticker that the other pages show, if there is one."""
    looked_at = st.session_state.get("ticker")
    return next((one for one in shown if one.ticker == looked_at), shown[0])


def _pick(name: str, shown: list[QuarantineEntry], key: str) -> None:
    """The list, of which a row may be chosen, and the same choice for a keyboard."""
    grid = f"{name}-grid"

    def take() -> None:
        picked = st.session_state[grid].selection.rows
        if picked:
            st.session_state[key] = shown[picked[0]].id

    data_grid(
        _table(name, shown),
        hide_index=True,
        key=grid,
        on_select=take,
        selection_mode="single-row",
        alt=f"{counted(len(shown), 'fault')} of bars",
    )
    labels = {one.id: f"{one.ticker} {span(one)}: {KINDS.get(one.code, one.code)}" for one in shown}
    st.selectbox(
        "Look at",
        list(labels),
        format_func=lambda number: labels[number],
        filter_mode="prefix",
        key=key,
    )


def _table(name: str, shown: list[QuarantineEntry]) -> pd.DataFrame:
    rows = []
    for one in shown:
        row = {
            "Ticker": one.ticker,
            "Sessions": span(one),
            "Kind": KINDS.get(one.code, one.code),
            "What is wrong": one.reason,
        }
        if name == "decided":
            row |= {
                "Word": one.explanation or one.status,
                "By": one.decided_by or "",
                "When": "" if one.decided_at is None else instant(one.decided_at),
                "Why": one.decision_reason or "",
            }
        else:
            row["Held since" if one.hold else "Found"] = instant(one.found_at)
        rows.append(row)
    return pd.DataFrame(rows)


def span(one: QuarantineEntry) -> str:
    """The sessions of a fault, such as "2000-09-29" or "2000-09-29 to 2000-10-03 (3)"."""
    if one.first == one.last:
        return f"{one.first}"
    return f"{one.first} to {one.last} ({one.sessions:,})"


def _effect(one: QuarantineEntry) -> str:
    if one.code == Fault.CONTRADICTION:
        return "What was stored before is read; nothing that came is stored."
    return _EFFECTS[one.hold]


def _card(name: str, reader: Person, one: QuarantineEntry, shown: list[QuarantineEntry]) -> None:
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
        _words(reader, one, shown)


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


def _words(reader: Person, one: QuarantineEntry, shown: list[QuarantineEntry]) -> None:
    if not reader.may_act:
        st.caption("You see why it is held; only a developer decides. Sign in in the sidebar.")
        return
    if one.code == Fault.STEP:
        step.draw(reader, one, _DECIDED)
        return
    alike = [
        other.id
        for other in shown
        if (other.ticker, other.code, other.status) == (one.ticker, one.code, one.status)
    ]
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
    st.session_state[_DECIDED] = (
        f"{status.capitalize()}: {one.ticker} {span(one)}{rest}. It can be undone under Decided."
    )
    st.rerun()
