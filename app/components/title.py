"""The first line of a page: which ticker, its last close, of when."""

import pandas as pd
import streamlit as st

from app.components.context import Context
from app.components.formats import change, instant, money, plain
from app.components.sidebar import ASSETS
from app.state import queries
from core.reference.bar_sources import is_sample


def draw(here: Context, catalog: pd.DataFrame, page: str) -> None:
    """Name the ticker in the tab and on the page; sample data is always labelled."""
    st.set_page_config(f"{here.ticker} · {page} · TickerLens", ASSETS / "icon.svg", layout="wide")
    row = catalog.set_index("ticker").loc[here.ticker.symbol]
    st.title(plain(f"{here.ticker} {here.name}".strip()), anchor=False)
    ratio = row["change"]
    colour = here.palette.up if ratio > 0 else here.palette.down if ratio < 0 else "inherit"
    parts = [
        f"<strong>{money(row['last_close'], here.ticker.currency)}</strong>",
        f'<span style="color:{colour}">{change(ratio)}</span>',
        f"close of {row['last_session']:%Y-%m-%d}",
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        # Numbers and colours of our own only: nothing a person typed reaches this markup.
        st.html(f'<div style="font-size:1.15rem">{" · ".join(parts)}</div>', width="content")
        if is_sample(row["source"]):
            st.badge("SAMPLE", color="orange")
    failed = queries.fetch_failure(here.ticker, row["last_session"])
    if failed is not None and not is_sample(row["source"]):
        st.warning(plain(str(failed.sentence(instant))))
