"""What answers and what does not, how fresh every ticker is, and what is held back of it."""

from datetime import UTC, datetime

import streamlit as st

from app.components import charts
from app.components.context import is_dark
from app.components.formats import counted, plain
from app.components.grid import data_grid, page_of
from app.components.sidebar import ASSETS
from app.state import queries
from app.views.status import (
    audit_list,
    awaited_tickers,
    dependencies,
    freshness,
    people,
    quarantine,
)
from core.market_data.freshness import RECENT

st.set_page_config("Status · TickerLens", ASSETS / "icon.svg", layout="wide")
now = datetime.now(UTC)
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Status", anchor=False, width="stretch")
    for name, address in queries.links().items():
        st.link_button(name, address, help=f"{name}'s own pages, in a new tab.")
    if st.button("Ask again"):
        queries.ask_again()
# What follows is drawn while the dependencies are asked, which may take two seconds.
answers = st.skeleton(height=420)

st.subheader("Tickers", anchor=False)
found, missing = queries.fresh(now), queries.not_fetched()
st.markdown(plain(freshness.sentence(found, missing)))
if found or missing:
    rows = page_of(len(missing) + len(found), "freshness-page")
    data_grid(
        freshness.table(found, now, missing, rows),
        hide_index=True,
        column_config={"Ticker": st.column_config.TextColumn(pinned=True)},
        alt="Freshness of the tickers, the worst first",
    )
    awaited_tickers.draw(missing)
if found:
    drawn = freshness.drawn(found)
    st.plotly_chart(
        freshness.recent(drawn, is_dark()),
        config=charts.SMALL,
        alt=f"The last {RECENT} sessions of {counted(len(drawn), 'ticker')}, each stored, held "
        "back or missing; the table above counts them.",
        key="recent",
    )
    st.caption(
        f"The last {RECENT} sessions of each exchange"
        + (", up to the end of the sample." if drawn[0].coverage.sample else " that have closed.")
        + (f" Drawn are the {len(drawn)} worst tickers." if freshness.cut(found) else "")
    )

st.subheader("Held back", anchor=False)
st.caption(
    "A bar that fails a check is kept, but no chart, forecast or training reads it until a "
    "developer says so."
)
quarantine.draw()

people.draw()
audit_list.draw()

with answers.container():
    dependencies.draw()
