"""The entry script of every page: frame, menu, choices, then the page itself."""

import streamlit as st

from app import queries
from app.components import context, sidebar, states
from core.market.sample import SampleSource

st.set_page_config("TickerLens", sidebar.ASSETS / "icon.svg", layout="wide")
sidebar.header()
page = st.navigation(
    [
        st.Page("pages/forecast.py", title="Forecast", default=True),
        st.Page("pages/history.py", title="History", url_path="history"),
    ]
)
catalog = queries.catalog()
if catalog.empty:
    states.first_visit()
    sidebar.account(has_sample=False)
    st.stop()
context.settle(catalog)
sidebar.choices(catalog)
sidebar.account(has_sample=bool((catalog["source"] == SampleSource.name).any()))
page.run()
context.publish()
