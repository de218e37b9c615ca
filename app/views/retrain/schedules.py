"""The schedules, each with its switch."""

import streamlit as st

from app.components.formats import plain, recurrence
from app.state import actions, queries
from core.foundation.access import Person
from core.foundation.errors import OfflineError, TickerLensError


def draw(reader: Person) -> None:
    """One row a schedule."""
    st.subheader("Schedules", anchor=False)
    try:
        schedules = queries.schedules()
    except OfflineError as error:
        st.caption(plain(error.message))
        return
    if not any(one.active for one in schedules):
        st.caption("All schedules are off until a developer switches one on.")
    for one in schedules:
        name = f"{one.flow} ({one.name})" if one.name else one.flow
        label = f"{name}: {recurrence(one.when, one.timezone)}"
        key = f"on-{one.id}-{one.active}"
        wanted = st.toggle(plain(label), value=one.active, disabled=not reader.may_act, key=key)
        if wanted != one.active and reader.may_act:
            try:
                actions.switch(reader, one, wanted)
            except TickerLensError as error:
                st.error(plain(error.message))
            else:
                st.rerun()
