"""Forecasters of one ticker: which serve, which challenge, and their moves."""

import pandas as pd
import streamlit as st

from app import queries, standings
from app.components import versions
from app.components.formats import UNKNOWN, instant
from core.registry.registry import ModelVersion
from core.storage.access import Person

_TICKER = "specialist-of"


def draw(who: Person) -> None:
    """The tickers that have a specialist, each beside what the gate says of it."""
    st.subheader("Specialists", anchor=False)
    tickers = standings.with_specialists()
    st.caption(
        "A forecaster that learned from one ticker serves it, and it alone, where the gate finds "
        "it better there than the champion of all. "
        + ("" if tickers else "There is none: on Retrain, choose a ticker as the scope.")
    )
    if not tickers:
        return
    st.dataframe(
        pd.DataFrame([_row(ticker) for ticker in tickers]),
        hide_index=True,
        alt="Tickers that have a specialist, by name",
    )
    if not who.may_act:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ticker = st.selectbox("Specialist of", tickers, key=_TICKER, width=200)
        if ticker:
            versions.moves(who, ticker)


def _row(ticker: str) -> dict[str, str]:
    serving, challenger = queries.champion(ticker), queries.challenger(ticker)
    judged = challenger or serving
    found = [] if judged is None else queries.decisions(judged.version)
    said = found[0].decision if found else None
    move = next(
        (one for one in standings.champion_moves() if one.alias.endswith(f".{ticker}")), None
    )
    return {
        "Ticker": ticker,
        "Forecast by": _forecast_by(serving),
        "Since": "" if move is None else instant(move.at),
        "Challenger": "" if challenger is None else _named(challenger),
        "Gate": UNKNOWN if said is None else said.answer,
        "Loss saved there, 95 % band": versions.saved(said),
        "n": UNKNOWN if said is None else str(said.n),
        "Window": "" if said is None else said.window.replace("..", " to "),
        "Why": "" if said is None else " ".join(said.reasons),
    }


def _forecast_by(serving: ModelVersion | None) -> str:
    if serving is None:
        return versions.CHAMPION_OF_ALL
    broken = bool(standings.fault(serving))
    return f"{versions.CHAMPION_OF_ALL}, for {_named(serving)}" if broken else _named(serving)


def _named(model: ModelVersion) -> str:
    broken = " (damaged)" if standings.fault(model) else ""
    return f"version {model.version}, {model.name}{broken}"
