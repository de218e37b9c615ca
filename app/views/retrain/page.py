"""Train anew: ask, watch it happen, judge the result, let it serve."""

import uuid

import streamlit as st

from app.components import requests
from app.components.context import person
from app.components.formats import plain, recurrence
from app.components.grid import data_grid
from app.components.models import versions
from app.components.sidebar import ASSETS
from app.state import actions, queries
from app.views.retrain import trainings
from core.foundation.audit import MAX_REASON_CHARACTERS, validate_reason
from core.foundation.errors import InvalidInputError, OfflineError, TickerLensError
from core.lifecycle.train import DEFAULT
from core.models import NAMES
from core.reference.scope import ALL, MARKETS

_KEY = "retrain-key"
LABELS = {ALL: "All tickers", "us": "United States", "tw": "Taiwan"}
SERVES = {True: "at once if the gate lets it", False: "only when you promote it"}

st.set_page_config("Retrain · TickerLens", ASSETS / "icon.svg", layout="wide")
st.title("Retrain", anchor=False)
reader = person()
catalog = queries.catalog()
under_way = requests.active("train")
silent = "" if under_way else requests.scheduler_state()
if silent:
    st.info(silent)

if under_way is not None:
    requests.live_state(under_way)
else:
    with st.container(border=True, key="ask"):
        st.subheader("Ask for a training", anchor=False)
        st.session_state.setdefault(_KEY, str(uuid.uuid4()))  # a second click is the same request
        scopes = [ALL, *MARKETS, *catalog["ticker"]]
        left, right = st.columns([3, 2])
        scope = left.selectbox(
            "Scope",
            scopes,
            format_func=lambda code: LABELS.get(code, code),
            help="Which tickers the model learns from. From one ticker alone it becomes that "
            "ticker's specialist, which serves where it is better there than the champion.",
            filter_mode="prefix",
            disabled=not reader.may_act,
        )
        model = right.selectbox(
            "Model",
            NAMES,
            index=NAMES.index(DEFAULT),
            filter_mode="prefix",
            disabled=not reader.may_act,
        )
        reason = st.text_input(
            "Reason",
            max_chars=MAX_REASON_CHARACTERS,
            placeholder="for instance: a month of new bars",
            disabled=not reader.may_act,
        )
        gate = st.checkbox(
            "Let it serve at once if it passes the gate",
            help="The gate lets the champion's recipe on newer bars serve unless it is shown to be "
            "worse, and any other recipe only if it is shown to be better. What it says is kept "
            "either way.",
            disabled=not reader.may_act,
        )
        if not reader.may_act:
            st.caption("You see everything here; to act, sign in as a developer in the sidebar.")
        pressed = st.button("Retrain ...", type="primary", disabled=not reader.may_act)
        if pressed:
            try:
                validate_reason(reason)
            except InvalidInputError as error:
                st.error(error.message)
            else:
                st.session_state["retrain-asked"] = True
        if reader.may_act and st.session_state.get("retrain-asked"):
            st.markdown(
                plain(
                    f"Train {model} on {LABELS.get(scope, scope)}? The result challenges the "
                    f"champion{'' if scope in LABELS else f' on {scope}'} and serves "
                    f"{'' if scope in LABELS else f'{scope} '}{SERVES[gate]}."
                )
            )
            with st.container(horizontal=True):
                sure = st.button("Confirm", type="primary")
                if st.button("Not now"):
                    st.session_state["retrain-asked"] = False
                    st.rerun()
            if sure:
                try:
                    key = st.session_state[_KEY]
                    actions.ask_for_training(reader, scope, model, reason, gate, key)
                except TickerLensError as error:
                    st.error(plain(error.message))
                else:
                    st.session_state["retrain-asked"] = False
                    del st.session_state[_KEY]
                    st.rerun()

last, stored = requests.latest_training()
if last:
    (st.info if stored else st.warning)(plain(last))
champion, challenger = queries.champion(), queries.challenger()
if champion is not None:
    st.subheader("Champion and challenger", anchor=False)
    versions.side_by_side(champion, challenger)
    versions.moves(reader)
    versions.served()

away = ""
try:
    runs, schedules = queries.trainings_of_the_scheduler(), queries.schedules()
except OfflineError as error:
    away, runs, schedules = plain(error.message), [], []
st.subheader("Latest trainings", anchor=False)
table = trainings.history(queries.requests("train"), queries.versions(), runs)
if table.empty:
    st.caption("There was none yet.")
else:
    data_grid(table, hide_index=True, alt="The latest trainings, newest first")

st.subheader("Schedules", anchor=False)
if away:
    st.caption(away)
elif not any(one.active for one in schedules):
    st.caption("All schedules are off until a developer switches one on.")
for one in schedules:
    name = f"{one.flow} ({one.name})" if one.name else one.flow
    label = f"{name}: {recurrence(one.when, one.timezone)}"
    wanted = st.toggle(
        plain(label), value=one.active, disabled=not reader.may_act, key=f"on-{one.id}-{one.active}"
    )
    if wanted != one.active and reader.may_act:
        try:
            actions.switch(reader, one, wanted)
        except TickerLensError as error:
            st.error(plain(error.message))
        else:
            st.rerun()
