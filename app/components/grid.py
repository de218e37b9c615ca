"""Tables to read: whatever is copied or downloaded from one is harmless in a spreadsheet."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from app.components.formats import cell

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

PAGE_ROWS = 25  # of a table that grows with the tickers

# Figures such as "+2.1 % (−0.6 % to +4.6 %)", or a dash; no formula is made of these alone.
_FIGURES = re.compile(r"[-+](?:[0-9 .,%()+−-]|to)*")


def data_grid(table: "pd.DataFrame | Styler", **options: Any) -> Any:
    """Draw a table as `st.dataframe` does, with the same options."""
    if isinstance(table, pd.DataFrame):
        return st.dataframe(harmless(table), **options)
    table.data = harmless(table.data)  # type: ignore[attr-defined]
    return st.dataframe(table, **options)


def page_of(count: int, key: str, first_at: Callable[[], int] = lambda: 0) -> slice:
    """The rows of the page that a reader chose, of so many; a choice only where there are several.

    Parameters
    ----------
    key : of the choice in the session state.
    first_at : gives the row that is looked at before anybody has chosen.
    """
    pages = max(1, -(-count // PAGE_ROWS))
    if pages == 1:
        return slice(0, count)
    if not 1 <= st.session_state.get(key, 0) <= pages:
        st.session_state[key] = first_at() // PAGE_ROWS + 1
    page = int(st.number_input(f"Page of {pages:,}", 1, pages, key=key))
    return slice((page - 1) * PAGE_ROWS, min(count, page * PAGE_ROWS))


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with no text in it that a spreadsheet would compute."""
    texts = [
        at
        for at in range(table.shape[1])
        if not pd.api.types.is_numeric_dtype(table.dtypes.iloc[at])
        and not pd.api.types.is_datetime64_any_dtype(table.dtypes.iloc[at])
    ]
    safe = table.copy(deep=False)
    for at in texts:
        before = safe.iloc[:, at]
        after = before.astype(object).map(_harmless)
        if not after.equals(before.astype(object)):
            safe.isetitem(at, after)
    return safe.rename(columns=_harmless, index=_harmless)


def _harmless(value: Any) -> Any:
    return cell(value) if isinstance(value, str) and not _FIGURES.fullmatch(value) else value
