"""What is held back: a list, each fault seen from near, and a developer's word on it."""

import pandas as pd
import streamlit as st

from app import actions, queries
from app.components import charts, doubtful
from app.components.context import is_dark, person
from app.components.formats import counted, decimals, instant, plain, signed, written
from core.errors import TickerLensError
from core.market.checks import finding
from core.market.sample import SampleSource
from core.schema import ACTIONS, ALL, PRICES, USABLE
from core.storage.access import Person
from core.storage.quarantine import DISCARDED, MENDED, OPEN, RELEASED, Entry
from core.tickers import Ticker

KINDS = {
    finding.PRICE: "No usable price",
    finding.RANGE: "High below low",
    finding.DUPLICATE: "Session twice",
    finding.ORDER: "Out of order",
    finding.CLOSED: "Exchange closed",
    finding.NO_VOLUME: "No volume",
    finding.STALE: "Bar repeated",
    finding.LOTS: "Unfinished volume",
    finding.SPLIT: "Split",
    finding.UNITS: "100 times",
    finding.JUMP: "Jump",
    finding.DIVIDEND: "Dividend",
    finding.SERIES: "Whole series",
}
_EFFECTS = {
    USABLE: "Nothing is withheld: it is mended.",
    PRICES: "Its prices are not read; its dividend and split count on the next bar.",
    ACTIONS: "Its prices are read, its dividend and split are not.",
    ALL: "Nothing of it is read.",
}
_WORDS = {
    RELEASED: ("Release", "From now on charts, forecasts and trainings read it as it is."),
    DISCARDED: ("Discard", "It is never read. It stays stored, and can be released later."),
}
_EVERY = "All"
_TOLD = "_decided"


def draw() -> None:
    """Three lists: what waits for a word, what was decided, what was mended."""
    waiting = queries.entries(OPEN)
    decided = queries.entries(RELEASED, DISCARDED)
    mended = queries.entries(MENDED)
    told = st.session_state.pop(_TOLD, "")
    if told:
        st.info(plain(told))
    tabs = st.tabs(
        [
            f"Waiting for a word ({len(waiting):,})",
            f"Decided ({len(decided):,})",
            f"Mended ({len(mended):,})",
        ]
    )
    who = person()
    with tabs[0]:
        _list("waiting", who, waiting, "Nothing is held back.")
    with tabs[1]:
        newest = sorted(decided, key=lambda one: one.decided_at or one.found_at, reverse=True)
        _list("decided", who, newest, "Nobody has decided on anything yet.")
    with tabs[2]:
        _list("mended", who, mended, "Nothing had to be mended.")


def _list(name: str, who: Person, entries: list[Entry], nothing: str) -> None:
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
        _card(name, who, chosen, shown)


def _filtered(name: str, entries: list[Entry]) -> list[Entry]:
    left, right = st.columns(2)
    ticker = left.selectbox(
        "Of ticker",
        [_EVERY, *dict.fromkeys(sorted(one.ticker for one in entries))],
        key=f"{name}-ticker",
    )
    kind = right.selectbox(
        "Of kind",
        [_EVERY, *dict.fromkeys(sorted(one.code for one in entries))],
        format_func=lambda code: KINDS.get(code, code),
        key=f"{name}-kind",
    )
    return [one for one in entries if ticker in (_EVERY, one.ticker) and kind in (_EVERY, one.code)]


def _first(shown: list[Entry]) -> Entry:
    """The one looked at first: of the ticker that the other pages show, if there is one."""
    looked_at = st.session_state.get("ticker")
    return next((one for one in shown if one.ticker == looked_at), shown[0])


def _pick(name: str, shown: list[Entry], key: str) -> None:
    """The list, of which a row may be chosen, and the same choice for a keyboard."""
    grid = f"{name}-grid"

    def take() -> None:
        picked = st.session_state[grid].selection.rows
        if picked:
            st.session_state[key] = shown[picked[0]].id

    st.dataframe(
        _table(name, shown),
        hide_index=True,
        key=grid,
        on_select=take,
        selection_mode="single-row",
        alt=f"{counted(len(shown), 'fault')} of bars",
    )
    labels = {one.id: f"{one.ticker} {span(one)}: {KINDS.get(one.code, one.code)}" for one in shown}
    st.selectbox("Look at", list(labels), format_func=lambda number: labels[number], key=key)


def _table(name: str, shown: list[Entry]) -> pd.DataFrame:
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
                "Word": one.standing,
                "By": one.decided_by or "",
                "When": "" if one.decided_at is None else instant(one.decided_at),
                "Why": one.why or "",
            }
        else:
            row["Held since" if one.held else "Found"] = instant(one.found_at)
        rows.append(row)
    return pd.DataFrame(rows)


def span(one: Entry) -> str:
    """The sessions of a fault, such as "2000-09-29" or "2000-09-29 to 2000-10-03 (3)"."""
    if one.first == one.last:
        return f"{one.first}"
    return f"{one.first} to {one.last} ({one.sessions:,})"


def _card(name: str, who: Person, one: Entry, shown: list[Entry]) -> None:
    rows = queries.rows(Ticker.parse(one.ticker))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(f'{one.ticker} {span(one)}')}**", width="content")
        st.badge(f"◆ {KINDS.get(one.code, one.code)}", color="violet")
        if one.source == SampleSource.name:
            st.badge("SAMPLE", color="orange")
    st.markdown(plain(one.reason))
    known = f"From {one.source}, found {instant(one.found_at)}."
    st.caption(plain(f"{_EFFECTS[one.held]} {known}"))
    if one.decided_at is not None:
        word = f"{one.standing.capitalize()} by {one.decided_by}, {instant(one.decided_at)}"
        st.markdown(plain(f"{word}: {one.why}"))
    listed = doubtful.table(rows, one)
    if listed.empty:
        st.caption("These bars are not stored any more.")
        return
    st.plotly_chart(
        doubtful.chart(rows, one, is_dark()),
        config=charts.CONFIG,
        alt=f"Closes of {one.ticker} as traded around {span(one)}; the table below holds the "
        "numbers.",
        key=f"{name}-chart",
    )
    _values(one, listed)
    if one.standing != MENDED:
        _words(who, one, shown)


def _values(one: Entry, listed: pd.DataFrame) -> None:
    price = f"%.{decimals(listed['Close'].median())}f"
    st.dataframe(
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


def _words(who: Person, one: Entry, shown: list[Entry]) -> None:
    if not who.may_act:
        st.caption("You see why it is held; only a developer decides. Sign in in the sidebar.")
        return
    alike = [
        other.id
        for other in shown
        if (other.ticker, other.code, other.standing) == (one.ticker, one.code, one.standing)
    ]
    with st.container(horizontal=True):
        for standing, (verb, effect) in _WORDS.items():
            if standing != one.standing:
                _offer(who, one, alike, standing, verb, effect)


def _offer(
    who: Person, one: Entry, alike: list[int], standing: str, verb: str, effect: str
) -> None:
    with st.popover(f"{verb} ..."):
        st.write(effect)
        reason = st.text_input("Reason", max_chars=500, key=f"{verb}-reason-{one.id}")
        every = len(alike) > 1 and st.checkbox(
            f"All {len(alike):,} shown of {one.ticker} and this kind", key=f"{verb}-all-{one.id}"
        )
        if not st.button(verb, type="primary", key=f"{verb}-button-{one.id}"):
            return
        try:
            done = actions.decide(who, alike if every else [one.id], standing, reason)
        except TickerLensError as error:
            st.error(plain(error.message))
            return
    rest = f" and {len(done) - 1:,} more" if len(done) > 1 else ""
    st.session_state[_TOLD] = (
        f"{standing.capitalize()}: {one.ticker} {span(one)}{rest}. It can be undone under Decided."
    )
    st.rerun()
