"""Forecasters of one ticker: which serve, which challenge, and their moves."""

import pandas as pd
import streamlit as st

from app.components.formats import UNKNOWN, instant
from app.components.grid import data_grid
from app.components.models import versions
from app.state import alias_holders, queries
from core.foundation.keys.person import Person
from core.reference.windows import window_in_words
from core.registry.registry import ModelVersion

_TICKER = "specialist-of"


def draw(reader: Person) -> None:
    """The tickers that have a specialist, each beside what the gate says of it."""
    st.subheader("Specialists", anchor=False)
    tickers = alias_holders.with_specialists()
    st.caption(
        "A forecaster that learned from one ticker serves it, and it alone, where the gate finds "
        "it better there than the champion of all. "
        + ("" if tickers else "There is none: on Retrain, choose a ticker as the scope.")
    )
    if not tickers:
        return
    data_grid(
        pd.DataFrame([_row(ticker) for ticker in tickers]),
        hide_index=True,
        alt="Tickers that have a specialist, by name",
    )
    if not reader.may_act:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ticker = st.selectbox(
            "Specialist of", tickers, filter_mode="prefix", key=_TICKER, width=200
        )
        if ticker:
            versions.moves(reader, ticker)


def _row(ticker: str) -> dict[str, str]:
    serving, challenger = queries.champion(ticker), queries.challenger(ticker)
    judged = challenger or serving
    found = [] if judged is None else queries.decisions(judged.version)
    decision = found[0].decision if found else None
    against = versions.incumbent(found[0].champion, ticker) if found else UNKNOWN
    move = next(
        (one for one in alias_holders.champion_moves() if one.alias.endswith(f".{ticker}")), None
    )
    return {
        "Ticker": ticker,
        "Forecast by": _forecast_by(serving),
        "Since": "" if move is None else instant(move.at),
        "Challenger": "" if challenger is None else _named(challenger),
        "Gate": UNKNOWN if decision is None else decision.verdict,
        "Against": against,
        "Loss saved there, 95 % band": versions.loss_reduction(decision),
        "n": UNKNOWN if decision is None else str(decision.n),
        "Window": "" if decision is None else window_in_words(decision.window),
        "Why": "" if decision is None else " ".join(map(str, decision.reasons)),
    }


def _forecast_by(serving: ModelVersion | None) -> str:
    if serving is None:
        return versions.CHAMPION_OF_ALL
    damaged = bool(alias_holders.fault(serving))
    return f"{versions.CHAMPION_OF_ALL}, for {_named(serving)}" if damaged else _named(serving)


def _named(model: ModelVersion) -> str:
    damaged = " (damaged)" if alias_holders.fault(model) else ""
    return f"version {model.version}, {model.name}{damaged}"
