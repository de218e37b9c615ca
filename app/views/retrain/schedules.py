"""What runs by itself, each with its switch: next, last, what it did, and what it left out."""

from collections.abc import Callable

import streamlit as st

from app.components.formats import instant, plain, recurrence
from app.state import actions, queries
from app.state.prefect_client import Schedule
from app.state.schedules import schedule_states
from core.foundation.errors import OfflineError, TickerLensError
from core.foundation.keys.person import Person
from core.workflows.schedules.states import ScheduleState

_NIGHTS = {
    "tw": "Taiwan kept up to date",
    "us": "United States kept up to date",
    "other": "Other markets kept up to date",
}
_WORK = {
    "train": "Training",
    "backfill": "Backfill, when it is asked for",
    "replay": "Replay of past forecasts, when it is asked for",
}


def draw(reader: Person) -> None:
    """A switch and its state for each; the nightly ones are known without the scheduler."""
    st.subheader("Schedules", anchor=False)
    states = schedule_states()
    try:
        known, away = queries.schedules(), ""
    except OfflineError as error:
        known, away = [], error.message
    if not any(one.active for one in states) and not away:
        st.caption("All schedules are off until a developer switches one on.")
    for state in states:
        if state.is_nightly:
            _nightly(reader, state)
            continue
        found = [
            one
            for one in known
            if (one.flow, one.when, one.timezone) == (state.name, state.when, state.zone)
        ]
        if found:
            _scheduled(reader, state, found[0])
        elif state.last is not None:
            st.markdown(plain(_WORK.get(state.name, state.name)))
            _describe(state)
    if away:
        st.caption(plain(away))


def described(state: ScheduleState) -> list[str]:
    """When it runs next, what it did last and which day it left out, a sentence each."""
    found = []
    if state.pending:
        found.append("The scheduler follows this switch as soon as it answers.")
    if state.next is not None:
        found.append(f"Next: {instant(state.next)}.")
    if state.last is not None:
        of = f", session {state.session}" if state.session else ""
        did = " ".join(f"{name}: {text}" if name else f"{text}" for name, text in state.did)
        found.append(f"Last: {instant(state.last)}{of}, {state.status or 'under way'}. {did}")
    if state.skipped is not None:
        found.append(f"Left out {state.skipped[0]}: {state.skipped[1]}")
    return found


def _nightly(reader: Person, state: ScheduleState) -> None:
    when = recurrence(state.when, state.zone)
    name = _NIGHTS.get(state.market, state.market)
    if _is_switched(reader, f"{name}, {when}", state.name, bool(state.active)):
        _do(lambda: actions.switch_nightly(reader, state.market, not state.active))
    _describe(state)


def _scheduled(reader: Person, state: ScheduleState, one: Schedule) -> None:
    name = _WORK.get(one.flow) or (f"{one.flow} ({one.name})" if one.name else one.flow)
    if _is_switched(reader, f"{name}, {recurrence(one.when, one.timezone)}", one.id, one.active):
        _do(lambda: actions.switch(reader, one, not one.active))
    _describe(state)


def _is_switched(reader: Person, label: str, key: str, active: bool) -> bool:
    wanted = st.toggle(
        plain(label), value=active, disabled=not reader.may_act, key=f"on-{key}-{active}"
    )
    return wanted != active and reader.may_act


def _describe(state: ScheduleState) -> None:
    for text in described(state):
        st.caption(plain(text))


def _do(switch: Callable[[], None]) -> None:
    try:
        switch()
    except TickerLensError as error:
        st.error(plain(error.message))
    else:
        st.rerun()
