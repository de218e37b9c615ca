"""Model versions side by side, and the move of the champion alias."""

import pandas as pd
import streamlit as st

from app.components import sentences
from app.components.formats import UNKNOWN, instant, percent, plain, signed_percent
from app.components.grid import data_grid
from app.components.models import gate_decision
from app.state import actions, alias_holders, queries
from core.evaluation.metrics.skill import Skill
from core.forecasts import claims
from core.foundation.audit import MAX_REASON_CHARACTERS
from core.foundation.errors import TickerLensError
from core.foundation.keys.person import Person
from core.reference.windows import window_in_words
from core.registry.gate import Decision, GateVerdict
from core.registry.model_card import ModelCard
from core.registry.registry import ModelVersion

PROMOTE, ROLL_BACK = "Promote", "Roll back"
_NO_HISTORY = "too little history to measure it"
_AS_TRAINED = "Over its own past forecasts, as measured when it was trained"
_SAME_ROWS = "Over the past forecasts that both versions were scored on"
_NOT_ASKED = "not measured beside the other on the same sessions; ask the gate"
ALL_TICKERS, CHAMPION_OF_ALL = "all tickers", "the champion of all"
_MOVED = "_moved_champion"


def side_by_side(champion: ModelVersion, challenger: ModelVersion | None) -> None:
    """What serves beside what challenges it, both measured on the same forecasts."""
    left, right = st.columns(2)
    serving = alias_holders.serving() or champion
    title = "Champion" if serving == champion else f"In place of version {champion.version}"
    if challenger is None:
        with left.container(border=True, key="champion"):
            _card(title, serving, serving.card.skill, serving.card, _NO_HISTORY, _AS_TRAINED)
        with right.container(border=True, key="challenger"):
            st.markdown("**Challenger**")
            st.caption("None. The next training becomes it.")
        return
    lapsed, found = alias_holders.why_lapsed(challenger), queries.decisions(challenger.version)
    decision = found[0].decision if found and not lapsed else None
    reason = _NO_HISTORY if decision and decision.bars_until else _NOT_ASKED
    on = challenger.card
    with left.container(border=True, key="champion"):
        _card(title, serving, decision and decision.champion_skill, on, reason, _SAME_ROWS)
    with right.container(border=True, key="challenger"):
        own_skill = decision and decision.challenger_skill
        _card("Challenger", challenger, own_skill, on, reason, _SAME_ROWS)
        gate_decision.draw(challenger)


def moves(person: Person, ticker: str = "") -> None:
    """Let the challenger serve, or the former champion again: a developer, with a reason.

    With a ticker, its specialists; where none served before, the champion of all does again.
    """
    champion, challenger = queries.champion(ticker), queries.challenger(ticker)
    back = alias_holders.rollback_targets(ticker)
    if challenger is not None and alias_holders.fault(challenger):
        challenger = None
    _tell(champion, ticker)
    if not (challenger or back):
        return
    if not person.may_act:
        st.caption("A developer may promote and roll back; sign in to do so.")
        return
    with st.container(horizontal=True):
        if challenger is not None and challenger not in back[:1]:
            if not alias_holders.why_lapsed(challenger, ticker):
                _offer(person, PROMOTE, champion, challenger, ticker)
            gate_decision.offer(person, challenger, ticker)
        if back:
            _offer(person, ROLL_BACK, champion, back[0], ticker)


def _tell(champion: ModelVersion | None, ticker: str) -> None:
    """What this reader moved a moment ago, or what somebody else did since the page was drawn."""
    now, key = None if champion is None else champion.version, f"_seen_champion-{ticker}"
    message, seen = st.session_state.pop(f"{_MOVED}-{ticker}", ""), st.session_state.get(key, now)
    st.session_state[key] = now
    if not message and seen != now:
        name = CHAMPION_OF_ALL if now is None else f"version {now}"
        message = f"Meanwhile {name} was let {_does(ticker)}; look again before you move it."
    if message:
        st.toast(message)


def _does(ticker: str) -> str:
    return f"forecast {ticker}" if ticker else "serve"


def _offer(
    person: Person,
    verb: str,
    champion: ModelVersion | None,
    model: ModelVersion | None,
    ticker: str,
) -> None:
    seen = None if champion is None else champion.version
    name = CHAMPION_OF_ALL if model is None else f"version {model.version}"
    key = f"{verb}-{ticker}-{None if model is None else model.version}"
    of = f"forecasts {ticker}" if ticker else "serves"
    label = f"{verb} {'to ' if verb == ROLL_BACK else ''}{name} ..."
    # Of its own key, or it would stay open as the next that is drawn in its place.
    with st.popover(label, key=f"{key}-popover"):
        former = "" if seen is None else f"; version {seen} is kept and can serve again"
        st.write(f"{name[0].upper()}{name[1:]} {of} from the next forecast on{former}.")
        found = [] if model is None or verb == ROLL_BACK else queries.decisions(model.version)
        if found and found[0].decision.verdict != GateVerdict.PROMOTE:
            decision = found[0].decision
            verdict = f"Against version {found[0].champion} the gate said {decision.verdict}"
            st.warning(plain(f"{verdict}: {decision.reasons[0]}"))
        reason = st.text_input("Reason", max_chars=MAX_REASON_CHARACTERS, key=f"{key}-reason")
        if st.button(verb, type="primary", key=f"{key}-button"):
            try:
                if verb == ROLL_BACK or model is None:
                    actions.roll_back(person, reason, seen, ticker)
                else:
                    actions.promote(person, model.version, reason, seen, ticker)
            except TickerLensError as error:
                st.error(plain(error.message))
            else:
                st.session_state[f"{_MOVED}-{ticker}"] = f"{name[0].upper()}{name[1:]} {of} now."
                st.rerun()


def served() -> None:
    """One row a move of a champion alias, newest first: who served what since when, and why."""
    st.subheader("Who served when", anchor=False)
    rows = [
        {
            "Since": instant(move.at),
            "Version": CHAMPION_OF_ALL if move.version is None else str(move.version),
            "Forecasts": move.alias.partition(".")[2] or ALL_TICKERS,
            "Move": "rolled back" if move.back else "promoted",
            "By": move.actor,
            "Reason": move.reason,
        }
        for move in alias_holders.champion_moves()
    ]
    data_grid(
        pd.DataFrame(rows, columns=["Since", "Version", "Forecasts", "Move", "By", "Reason"]),
        hide_index=True,
        column_config={"Version": st.column_config.TextColumn(width=150)},
        alt="Moves of the champion aliases, newest first",
    )


def incumbent(version: int, ticker: str = "") -> str:
    """A version that the gate compared with, and whether it serves still."""
    return f"{version}, serves no longer" if alias_holders.gone(version, ticker) else str(version)


def decisions() -> pd.DataFrame:
    """One row a decision of the gate, newest first."""
    rows = []
    for one in queries.decisions():
        decision = one.decision
        rows.append(
            {
                "Decided": instant(one.at),
                "Challenger": str(one.challenger),
                "Champion": incumbent(one.champion, decision.ticker),
                "For": decision.ticker or ALL_TICKERS,
                "Kind": decision.kind,
                "Answer": decision.verdict,
                "Loss saved, 95 % band": loss_reduction(decision),
                "n": decision.n,
                "Window": window_in_words(decision.window),
                "Why": " ".join(map(str, decision.reasons)),
            }
        )
    return pd.DataFrame(rows)


def loss_reduction(decision: Decision | None) -> str:
    """What the gate found that a challenger saves of the champion's loss, with its band."""
    band = None if decision is None else decision.loss_reduction
    if band is None:
        return UNKNOWN
    low, high = signed_percent(band.low), signed_percent(band.high)
    return f"{signed_percent(band.value)} ({low} to {high})"


def _card(
    title: str, model: ModelVersion, skill: Skill | None, on: ModelCard, unknown: str, rows: str
) -> None:
    """A version and its skill.

    `on` says on which tickers that was measured, `rows` over which of their forecasts.
    """
    card = model.card
    st.markdown(f"**{title}: version {model.version}, {plain(model.name)}**")
    fault = alias_holders.fault(model)
    if fault:
        st.error(plain(str(fault)))
    if skill is None:
        st.markdown(f"Skill: {UNKNOWN}, {unknown}.")
    else:
        st.markdown(f"**{claims.verdict(skill)}**")
        covered = f"Coverage of the 80 % band: {percent(skill.coverage)}."
        numbers = sentences.proof_sentence(skill, on.scope, evaluated=on.evaluated_tickers)
        st.markdown(plain(f"{rows}: {numbers} {covered}"))
    trained = f"Trained {instant(model.created_at)} on {sentences.trained_on(card)}"
    origin = f" by {card.actor}: {card.reason}" if card.actor else ""
    training = f"{trained}, {window_in_words(card.window)}{origin}."
    if card.evaluated_tickers is not None:
        training += f" Tested on {len(card.evaluated_tickers)} of them, which stand for all."
    st.caption(plain(f"{training} {sentences.lineage(model)}"))
