"""What answers and what does not, how fresh every ticker is, and what is held back of it."""

from datetime import UTC, datetime

import streamlit as st

from app import queries
from app.components import charts, dependencies, freshness, quarantine
from app.components.context import is_dark
from app.components.formats import counted, plain
from app.components.sidebar import ASSETS
from core.services.freshness import RECENT

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
found = queries.fresh(now)
st.markdown(plain(freshness.sentence(found)))
if found:
    st.dataframe(
        freshness.table(found, now),
        hide_index=True,
        column_config={"Ticker": st.column_config.TextColumn(pinned=True)},
        alt="Freshness of every ticker, the worst first",
    )
    drawn = freshness.drawn(found)
    st.plotly_chart(
        freshness.recent(drawn, is_dark()),
        config={**charts.CONFIG, "displayModeBar": False},
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

with answers.container():
    dependencies.draw()
