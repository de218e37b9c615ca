"""Train anew: ask, watch it happen, judge the result, let it serve."""

import streamlit as st

from app import actions, queries
from app.components import requests, versions
from app.components.context import person
from app.components.formats import plain, recurrence
from app.components.sidebar import ASSETS
from core.errors import OfflineError, TickerLensError
from core.models import NAMES
from core.services.scope import ALL, MARKETS
from core.services.train import DEFAULT

LABELS = {ALL: "All tickers", "us": "United States", "tw": "Taiwan"}
SERVES = {True: "at once if the gate lets it", False: "only when you promote it"}

st.set_page_config("Retrain · TickerLens", ASSETS / "icon.svg", layout="wide")
st.title("Retrain", anchor=False)
who = person()
catalog = queries.catalog()
under_way = requests.active("train")
silent = "" if under_way else requests.scheduler_state()
if silent:
    st.info(silent)

if under_way is not None:
    requests.watch(under_way)
else:
    with st.container(border=True, key="ask"):
        st.subheader("Ask for a training", anchor=False)
        scopes = [ALL, *MARKETS, *catalog["ticker"]]
        left, right = st.columns([3, 2])
        scope = left.selectbox(
            "Scope",
            scopes,
            format_func=lambda code: LABELS.get(code, code),
            help="Which tickers the model learns from. From one ticker alone it becomes that "
            "ticker's specialist, which serves where it is better there than the champion.",
            disabled=not who.may_act,
        )
        model = right.selectbox(
            "Model", NAMES, index=NAMES.index(DEFAULT), disabled=not who.may_act
        )
        reason = st.text_input(
            "Reason",
            max_chars=500,
            placeholder="for instance: a month of new bars",
            disabled=not who.may_act,
        )
        gate = st.checkbox(
            "Let it serve at once if it passes the gate",
            help="The gate lets the champion's recipe on newer bars serve unless it is shown to be "
            "worse, and any other recipe only if it is shown to be better. What it says is kept "
            "either way.",
            disabled=not who.may_act,
        )
        if not who.may_act:
            st.caption("You see everything here; to act, sign in as a developer in the sidebar.")
        pressed = st.button("Retrain ...", type="primary", disabled=not who.may_act)
        if pressed and not reason.strip():
            st.error("A reason is needed: it stays on record.")
        elif pressed:
            st.session_state["retrain-asked"] = True
        if who.may_act and st.session_state.get("retrain-asked"):
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
                    actions.ask_for_training(who, scope, model, reason, gate)
                except TickerLensError as error:
                    st.error(plain(error.message))
                else:
                    st.session_state["retrain-asked"] = False
                    st.rerun()

last = queries.requests("train", 1)
if last and last[0].ended_at is not None:
    tell = st.info if last[0].outcome == "COMPLETED" else st.warning
    tell(plain(requests.ending(last[0])))
champion, challenger = queries.champion(), queries.challenger()
if champion is not None:
    st.subheader("Champion and challenger", anchor=False)
    versions.side_by_side(champion, challenger)
    versions.moves(who)
    versions.served()

st.subheader("Latest trainings", anchor=False)
table = versions.history(queries.requests("train"))
if table.empty:
    st.caption("None was asked for here yet.")
else:
    st.dataframe(table, hide_index=True, alt="Trainings that were asked for, newest first")

st.subheader("Schedules", anchor=False)
st.caption("Schedules are off until a developer switches them on.")
try:
    schedules = queries.schedules()
except OfflineError as error:
    st.caption(plain(error.message))
    schedules = []
for one in schedules:
    label = f"{one.flow} ({one.name}): {recurrence(one.when, one.timezone)}"
    wanted = st.toggle(
        plain(label), value=one.active, disabled=not who.may_act, key=f"on-{one.id}-{one.active}"
    )
    if wanted != one.active and who.may_act:
        try:
            actions.switch(who, one, wanted)
        except TickerLensError as error:
            st.error(plain(error.message))
        else:
            st.rerun()
