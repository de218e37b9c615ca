"""Train anew: ask, watch it happen, judge the result, let it serve."""

import streamlit as st

from app.components import requests
from app.components.context import person
from app.components.formats import plain
from app.components.models import versions
from app.components.sidebar import ASSETS
from app.state import queries
from app.views.retrain import ask_form, schedules, trainings

st.set_page_config("Retrain · TickerLens", ASSETS / "icon.svg", layout="wide")
st.title("Retrain", anchor=False)
reader = person()
under_way = queries.open_trainings()
silent = "" if under_way else requests.scheduler_state()
if silent:
    st.info(silent)
for one in under_way:
    requests.live_state(one.request)

ask_form.draw(reader, queries.catalog())

last, stored = requests.latest_training()
if last:
    (st.info if stored else st.warning)(plain(last))
champion, challenger = queries.champion(), queries.challenger()
if champion is not None:
    st.subheader("Champion and challenger", anchor=False)
    versions.side_by_side(champion, challenger)
    versions.moves(reader)
    versions.served()

schedules.draw(reader)
trainings.draw()
