"""What was done, for developers: when, who, from where, what, to what and why."""

import pandas as pd
import streamlit as st

from app.components.context import person
from app.components.formats import UNKNOWN, instant, plain
from app.components.grid import data_grid
from app.state import acting
from core.foundation.audit import Action
from core.foundation.errors import TickerLensError

ROWS = 25


def draw() -> None:
    """The newest actions, and the way to those before; nothing for a viewer."""
    developer = person()
    if not developer.may_act:
        return
    with st.expander("Who did what"):
        try:
            pages = max(1, -(-acting.count_recorded(developer) // ROWS))
            page = st.number_input(
                f"Page of {pages:,}, the newest first", 1, pages, 1, key="audit-page"
            )
            found = acting.recorded(developer, ROWS, ROWS * (int(page) - 1))
        except TickerLensError as error:
            st.error(plain(error.message))
            return
        if found:
            data_grid(table(found), hide_index=True, alt="Actions on record, the newest first")


def table(actions: list[Action]) -> pd.DataFrame:
    """A row each; instants in the reader's zone."""
    return pd.DataFrame(
        {
            "When": instant(one.at, seconds=True),
            "Who": one.actor,
            "From": " ".join(filter(None, (one.door, one.address))) or UNKNOWN,
            "What": one.action,
            "Subject": one.subject,
            "Why": one.reason,
        }
        for one in actions
    )
