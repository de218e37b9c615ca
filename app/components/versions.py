"""Model versions side by side, and the move of the champion alias."""

import pandas as pd
import streamlit as st

from app import actions, queries
from app.components import sentences
from app.components.formats import UNKNOWN, instant, percent, plain, signed_percent
from app.components.requests import OUTCOMES
from core.errors import TickerLensError
from core.models.skill import Band
from core.registry.registry import ModelVersion
from core.storage.access import Person
from core.storage.outbox import Request

ROLL_BACK = "Roll back to"
VERDICTS = {
    "shown": "Skill shown",
    "not shown": "No skill shown",
    "worse": "Worse than the random walk",
}


def side_by_side(champion: ModelVersion, challenger: ModelVersion | None) -> None:
    """What serves beside what challenges it, each with how it was proven."""
    left, right = st.columns(2)
    with left.container(border=True, key="champion"):
        _card("Champion", champion)
    with right.container(border=True, key="challenger"):
        if challenger is None:
            st.markdown("**Challenger**")
            st.caption("None. The next training becomes it.")
        else:
            _card("Challenger", challenger)
            _gate(challenger)


def moves(who: Person, champion: ModelVersion, challenger: ModelVersion | None) -> None:
    """Let the challenger serve, or the former champion again: a developer, with a reason."""
    former = queries.former_champion()
    same = former is not None and challenger is not None and former.version == challenger.version
    offers = {"Promote": challenger, ROLL_BACK: None if same else former}
    if not any(offers.values()):
        return
    if not who.may_act:
        st.caption("A developer may promote and roll back; sign in to do so.")
        return
    with st.container(horizontal=True):
        for verb, model in offers.items():
            if model is not None:
                _offer(who, verb, champion, model)


def _offer(who: Person, verb: str, champion: ModelVersion, model: ModelVersion) -> None:
    with st.popover(f"{verb} version {model.version} ..."):
        st.write(
            f"Version {model.version} serves from the next forecast on; version "
            f"{champion.version} is kept and can serve again."
        )
        reason = st.text_input("Reason", max_chars=500, key=f"{verb}-{model.version}-reason")
        if st.button(verb.split()[0], type="primary", key=f"{verb}-{model.version}-button"):
            try:
                if verb == ROLL_BACK:
                    actions.roll_back(who, reason, champion.version)
                else:
                    actions.promote(who, model.version, reason, champion.version)
            except TickerLensError as error:
                st.error(plain(error.message))
            else:
                st.rerun()


def served() -> pd.DataFrame:
    """One row a move of the champion alias, newest first: who served since when, and why."""
    rows = [
        {
            "Since": instant(move.at),
            "Version": str(move.version),
            "By": move.who,
            "Reason": move.reason,
        }
        for move in queries.champion_moves()
    ]
    return pd.DataFrame(rows, columns=["Since", "Version", "By", "Reason"])


def decisions() -> pd.DataFrame:
    """One row a decision of the gate, newest first."""
    rows = []
    for one in queries.decisions():
        said, band = one.decision, one.decision.saved
        rows.append(
            {
                "Decided": instant(one.at),
                "Challenger": str(one.challenger),
                "Champion": str(one.champion),
                "Kind": said.kind,
                "Answer": said.answer,
                "Loss saved, 95 % band": UNKNOWN if band is None else _with_band(band),
                "n": said.n,
                "Window": said.window.replace("..", " to "),
                "Why": " ".join(said.reasons),
            }
        )
    return pd.DataFrame(rows)


def history(asked: list[Request]) -> pd.DataFrame:
    """One row a training that was asked for, newest first."""
    rows = []
    for one in asked:
        model = None if one.run_id is None else queries.trained_by(one.run_id)
        state = "under way" if one.ended_at is None else OUTCOMES.get(str(one.outcome), UNKNOWN)
        rows.append(
            {
                "Asked": instant(one.asked_at),
                "Outcome": state,
                "Version": "" if model is None else str(model.version),
                "By": one.who,
                "Scope": one.parameters.get("scope", ""),
                "Model": one.parameters.get("model", ""),
                "Reason": one.parameters.get("reason", ""),
            }
        )
    return pd.DataFrame(rows)


def _with_band(band: Band) -> str:
    low, high = signed_percent(band.low), signed_percent(band.high)
    return f"{signed_percent(band.value)} ({low} to {high})"


def _gate(challenger: ModelVersion) -> None:
    """What the gate says of a version, with its n and window."""
    found = queries.decisions(challenger.version)
    if not found:
        st.markdown("The gate was not asked about it.")
        return
    said = found[0].decision
    of = (
        f" n {said.n} on {said.dates} dates, {said.window.replace('..', ' to ')}." if said.n else ""
    )
    st.markdown(f"**Gate: {said.answer}** ({said.kind})")
    st.markdown(plain(f"{' '.join(said.reasons)}{of}"))


def _card(title: str, model: ModelVersion) -> None:
    card, skill = model.card, model.card.skill
    st.markdown(f"**{title}: version {model.version}, {plain(model.name)}**")
    if skill is None:
        st.markdown(f"Skill: {UNKNOWN}, too little history to measure it.")
    else:
        st.markdown(f"**{VERDICTS[skill.verdict]}**")
        covered = f"Coverage of the 80 % band: {percent(skill.coverage)}."
        st.markdown(plain(f"{sentences.proof_sentence(skill, 'all')} {covered}"))
    trained = f"Trained {instant(model.created_at)} on {len(card.tickers)} tickers"
    why = f" by {card.who}: {card.reason}" if card.who else ""
    told = f"{trained}, {card.window.replace('..', ' to ')}{why}."
    st.caption(plain(f"{told} {sentences.lineage(model)}"))
