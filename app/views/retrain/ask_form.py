"""The form that asks for a training."""

import hashlib
import uuid

import pandas as pd
import streamlit as st

from app.components.formats import counted, plain
from app.state import actions, queries
from core.evaluation.walk_forward.evaluated_tickers import MARKET_TICKERS, evaluated_tickers
from core.foundation.audit import MAX_REASON_CHARACTERS
from core.foundation.errors import TickerLensError
from core.foundation.keys.person import Person
from core.foundation.outbox import Request
from core.lifecycle.train import DEFAULT
from core.models import NAMES
from core.reference.scope import ALL, MARKETS, in_scope
from core.reference.tickers import Ticker

LABELS = {ALL: "All tickers", "us": "United States", "tw": "Taiwan"}
_KEY, _LAST, _NOTE, _FAULT = "retrain-key", "retrain-last", "retrain-note", "retrain-fault"
_SCOPE, _MODEL, _REASON, _GATE, _ALL = (
    "retrain-scope",
    "retrain-model",
    "retrain-reason",
    "retrain-gate",
    "retrain-evaluate-all",
)


def draw(reader: Person, catalog: pd.DataFrame) -> None:
    """What to train, on what and why, and a button; below it what came of the last click."""
    _renew_key()
    with st.container(border=True, key="ask"):
        st.subheader("Ask for a training", anchor=False)
        left, right = st.columns([3, 2])
        scope = left.selectbox(
            "Scope",
            [ALL, *MARKETS, *catalog["ticker"]],
            format_func=lambda code: LABELS.get(code, code),
            help="Which tickers the model learns from. From one ticker alone it becomes that "
            "ticker's specialist, which serves where it is better there than the champion.",
            filter_mode="prefix",
            disabled=not reader.may_act,
            key=_SCOPE,
        )
        right.selectbox(
            "Model",
            NAMES,
            index=NAMES.index(DEFAULT),
            filter_mode="prefix",
            disabled=not reader.may_act,
            key=_MODEL,
        )
        st.caption(plain(window(catalog, scope)))
        st.text_input(
            "Reason",
            max_chars=MAX_REASON_CHARACTERS,
            placeholder="for instance: a month of new bars",
            disabled=not reader.may_act,
            key=_REASON,
        )
        st.checkbox(
            "Let it serve at once if it passes the gate",
            help="The gate lets the champion's recipe on newer bars serve unless it is shown to be "
            "worse, and any other recipe only if it is shown to be better. What it says is kept "
            "either way. Without this the result challenges the champion until you promote it.",
            disabled=not reader.may_act,
            key=_GATE,
        )
        if some(catalog, scope):
            st.checkbox(
                "Test it on every ticker",
                help="Tickers of a market err together, so a few stand for all. To test on every "
                "one takes as many times longer as there are more of them.",
                disabled=not reader.may_act,
                key=_ALL,
            )
        if not reader.may_act:
            st.caption("You see everything here; to act, sign in as a developer in the sidebar.")
        st.button(
            "Retrain", type="primary", disabled=not reader.may_act, on_click=_ask, args=(reader,)
        )
        fault, note = st.session_state.pop(_FAULT, ""), st.session_state.pop(_NOTE, "")
        if fault:
            st.error(plain(fault))
        elif note:
            st.success(plain(note))


def window(catalog: pd.DataFrame, scope: str) -> str:
    """What a training of a scope learns from now, in one sentence."""
    try:
        rows = _rows(catalog, scope)
    except TickerLensError as error:
        return error.message
    first, last = rows["first_session"].min(), rows["last_session"].max()
    tested = some(catalog, scope)
    return (
        f"Learns from {counted(len(rows), 'ticker')}, {int(rows['sessions'].sum()):,} bars from "
        f"{first:%Y-%m-%d} to {last:%Y-%m-%d}."
    ) + (
        f" It is tested on {tested} of them, at most {MARKET_TICKERS} of each market: always the "
        "same, chosen by their symbols."
        if tested
        else ""
    )


def some(catalog: pd.DataFrame, scope: str) -> int:
    """On how many tickers of a scope a training is tested; 0 if on all, or none is stored."""
    try:
        rows = _rows(catalog, scope)
    except TickerLensError:
        return 0
    tested = len(evaluated_tickers(dict(zip(rows["ticker"], rows["sessions"], strict=True))))
    return tested if tested < len(rows) else 0


def _rows(catalog: pd.DataFrame, scope: str) -> pd.DataFrame:
    stored = [Ticker.parse(symbol) for symbol in catalog["ticker"]]
    symbols = {ticker.symbol for ticker in in_scope(scope, stored)}
    return catalog[catalog["ticker"].isin(symbols)]


def _ask(reader: Person) -> None:
    """Ask for what the form says; a second click on the same form is the same request."""
    chosen = [st.session_state[name] for name in (_SCOPE, _MODEL, _REASON, _GATE)]
    scope, model, reason, gate = chosen
    every = bool(st.session_state.get(_ALL))
    chosen += ["all"] if every else []
    digest = hashlib.sha256(repr(chosen).encode()).hexdigest()[:16]
    try:
        request, _ = actions.ask_for_training(
            reader, scope, model, reason, gate, f"{st.session_state[_KEY]}-{digest}", every
        )
    except TickerLensError as error:
        st.session_state[_FAULT] = error.message
        return
    st.session_state[_LAST] = request.id
    st.session_state[_NOTE] = _acknowledged(request, reader)


def _acknowledged(request: Request, reader: Person) -> str:
    if request.actor == reader.name:
        return f"Training {request.id} is on record; it goes on when you close this page."
    return f"Training {request.id} of this scope is under way, asked for by {request.actor}."


def _renew_key() -> None:
    """A new key on the first draw, and once what was asked for with the last one has ended."""
    last = st.session_state.get(_LAST)
    if last is not None and queries.request(last).ended_at is not None:
        del st.session_state[_LAST]
        st.session_state.pop(_KEY, None)
    st.session_state.setdefault(_KEY, str(uuid.uuid4()))
