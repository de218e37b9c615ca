"""What this program leans on: how each part is, in words and with a sign, never by colour alone."""

from datetime import UTC, datetime

import streamlit as st

from app.components.formats import ago, listed, plain, took
from app.state import queries
from core.foundation.health import HealthState, Status

# Never green or red: those say up and down of prices here.
SIGNS = {
    HealthState.UP: ("●", "blue"),
    HealthState.SLOW: ("◔", "yellow"),
    HealthState.DEGRADED: ("◐", "yellow"),
    HealthState.DOWN: ("✕", "orange"),
    HealthState.NOT_SET_UP: ("○", "gray"),
}


def draw() -> None:
    """One sentence on all of them, and a row for each."""
    found, now = queries.statuses(), datetime.now(UTC)
    with st.container(key="dependencies"):
        st.markdown(plain(sentence(found)))
        with st.container(border=True, gap="small"):
            for one in found:
                _row(one, now)


def sentence(found: list[Status]) -> str:
    """Whether there is anything to do."""
    parts = []
    for state in (HealthState.DOWN, HealthState.DEGRADED, HealthState.SLOW):
        names = [one.name for one in found if one.state == state]
        if names:
            parts.append(f"{listed(names)} {'is' if len(names) == 1 else 'are'} {state}.")
    return " ".join(parts) or "Everything that is set up answers."


def _row(one: Status, now: datetime) -> None:
    sign, colour = SIGNS[one.state]
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(f"{sign} {one.state}", color=colour)
            st.markdown(f"**{plain(one.name)}**", width="content")
            facts = _facts(one, now)
            if facts:
                st.caption(plain(facts), width="content")
        st.markdown(plain(str(one.sentence)))


def _facts(one: Status, now: datetime) -> str:
    last = "" if one.last_success is None else f"last success {ago(one.last_success, now)}"
    if not last and one.state == HealthState.DOWN:
        last = "no success since the app started"
    answered = took(one.seconds) and f"answered in {took(one.seconds)}"
    return " · ".join(
        filter(None, ["" if one.state in (HealthState.DOWN, HealthState.SLOW) else answered, last])
    )
