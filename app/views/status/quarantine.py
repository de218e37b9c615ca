"""What is held back: lists of faults in pages, one of which is seen from near."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from app.components.context import person
from app.components.formats import counted, instant, plain
from app.components.grid import data_grid, page_of
from app.state import queries
from app.views.status import quarantine_card
from app.views.status.quarantine_card import DECIDED, KINDS, span
from core.foundation.keys.person import Person
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.records.quarantine_lists import Listed

_WAITING = Listed((QuarantineStatus.OPEN,))
_DECISIONS = Listed((QuarantineStatus.RELEASED, QuarantineStatus.DISCARDED), newest_first=True)
_REPAIRED = Listed((QuarantineStatus.REPAIRED,))
_EVERY = "All"


def draw() -> None:
    """Three lists: what waits for a word, what was decided, what was mended."""
    waiting, decided, repaired = map(queries.faults().count, (_WAITING, _DECISIONS, _REPAIRED))
    message = st.session_state.pop(DECIDED, "")
    if message:
        st.info(plain(message))
    tabs = st.tabs(
        [
            f"Waiting for a word ({waiting:,})",
            f"Decided ({decided:,})",
            f"Mended ({repaired:,})",
        ]
    )
    reader = person()
    with tabs[0]:
        _list("waiting", reader, _WAITING, waiting, "Nothing is held back.")
    with tabs[1]:
        _list("decided", reader, _DECISIONS, decided, "Nobody has decided on anything yet.")
    with tabs[2]:
        _list("mended", reader, _REPAIRED, repaired, "Nothing had to be mended.")


def _list(name: str, reader: Person, listed: Listed, count: int, nothing: str) -> None:
    if not count:
        st.caption(nothing)
        return
    if count > 1:
        listed = _filtered(name, listed)
        count = queries.faults().count(listed)
    if not count:
        st.caption("None of this ticker and kind.")
        return
    looked_at = str(st.session_state.get("ticker", ""))
    key = f"{name}-page-{listed.ticker}-{listed.code}"
    rows = page_of(count, key, lambda: queries.faults().place_of(listed, looked_at))
    shown = queries.faults().page(listed, rows.stop - rows.start, rows.start)
    if not shown:  # decided or resolved since they were counted
        st.rerun()
    key = f"{name}-entry"
    numbers = {one.id: one for one in shown}
    if st.session_state.get(key) not in numbers:
        st.session_state[key] = _first(shown, looked_at).id
    if len(shown) > 1:
        _pick(name, shown, key)
    with st.container(border=True, key=f"{name}-card"):
        quarantine_card.draw(name, reader, numbers[st.session_state[key]])


def _filtered(name: str, listed: Listed) -> Listed:
    left, right = st.columns(2)
    ticker = left.selectbox(
        "Of ticker",
        [_EVERY, *queries.faults().tickers(listed)],
        filter_mode="prefix",
        key=f"{name}-ticker",
    )
    kind = right.selectbox(
        "Of kind",
        [_EVERY, *queries.faults().codes(listed)],
        format_func=lambda code: KINDS.get(code, code),
        filter_mode="prefix",
        key=f"{name}-kind",
    )
    return replace(
        listed, ticker="" if ticker == _EVERY else ticker, code="" if kind == _EVERY else kind
    )


def _first(shown: list[QuarantineEntry], looked_at: str) -> QuarantineEntry:
    """The one looked at first: of the ticker that the other pages show, if there is one."""
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
