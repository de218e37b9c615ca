"""The entry script of every page: frame, menu, choices, then the page itself."""

import streamlit as st

from app.components import context, sidebar, states
from app.components.own_files import dialog
from app.state import actions, queries
from app.views.status import dependencies
from app.web import metrics
from core.foundation.errors import StorageError, TickerLensError
from core.reference.bar_sources import sample_tickers

st.set_page_config("TickerLens", sidebar.ASSETS / "icon.svg", layout="wide")
sidebar.header()
# Streamlit would run the files of a folder named "pages" on their own, without this script,
# whenever one of them is the first thing visited after a start; hence "views".
PAGES = [
    st.Page("views/forecast/page.py", title="Forecast", default=True),
    st.Page("views/history/page.py", title="History", url_path="history"),
    st.Page("views/experiments/page.py", title="Experiments", url_path="experiments"),
    st.Page("views/drift/page.py", title="Drift", url_path="drift"),
    st.Page("views/retrain/page.py", title="Retrain", url_path="retrain"),
    st.Page("views/status/page.py", title="Status", url_path="status"),
]
page = st.navigation(PAGES, position="hidden")
try:
    queries.look_again()
    catalog = queries.catalog()
    unreadable = queries.damaged()
    begun = not (catalog.empty or actions.filling() or actions.sample_unfinished(catalog))
except StorageError as error:  # no page can be drawn; what answers still and what does not can
    sidebar.menu(PAGES, {})
    states.show_incident(error)
    dependencies.draw()
    st.stop()
for sentence in unreadable.values():
    st.warning(str(sentence))
if not begun:
    sidebar.menu(PAGES, {})
    if page.url_path == "status":
        page.run()
    else:
        states.first_visit()
    sidebar.account(has_sample=False, first_visit=True)
    dialog.draw()
    st.stop()
name = page.url_path or "forecast"
context.settle(catalog, name)
ended = states.ended_job()
if ended is not None and not ended.error:
    context.look_at(ended.about, catalog)
sidebar.menu(PAGES, context.address())
sidebar.choices(catalog)
sidebar.account(has_sample=bool(sample_tickers(catalog)))
dialog.draw()
states.watched_job()
try:
    with metrics.page_run(name):
        states.fallback_notice()
        page.run()
except TickerLensError as error:
    states.show_incident(error)
context.publish()
