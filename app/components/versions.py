"""Model versions side by side, and the move of the champion alias."""

import pandas as pd
import streamlit as st

from app import actions, queries, standings
from app.components import sentences
from app.components.formats import UNKNOWN, instant, percent, plain, signed_percent
from app.components.requests import OUTCOMES
from core.errors import TickerLensError
from core.registry.promotion import PROMOTE as PASSED
from core.registry.promotion import Decision
from core.registry.registry import ModelVersion
from core.storage.access import Person
from core.storage.outbox import Request

PROMOTE, ROLL_BACK = "Promote", "Roll back"
ALL_TICKERS, CHAMPION_OF_ALL = "all tickers", "the champion of all"
_MOVED = "_moved_champion"
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


def moves(who: Person, ticker: str = "") -> None:
    """Let the challenger serve, or the former champion again: a developer, with a reason.

    With a ticker, its specialists; where none served before, the champion of all does again.
    """
    standing, challenger = queries.champion(ticker), queries.challenger(ticker)
    back = standings.way_back(ticker)
    if challenger is not None and standings.fault(challenger):
        challenger = None
    _tell(standing, ticker)
    if not (challenger or back):
        return
    if not who.may_act:
        st.caption("A developer may promote and roll back; sign in to do so.")
        return
    with st.container(horizontal=True):
        if challenger is not None and challenger not in back[:1]:
            _offer(who, PROMOTE, standing, challenger, ticker)
        if back:
            _offer(who, ROLL_BACK, standing, back[0], ticker)


def _tell(standing: ModelVersion | None, ticker: str) -> None:
    """What this reader moved a moment ago, or what somebody else did since the page was drawn."""
    now, key = None if standing is None else standing.version, f"_seen_champion-{ticker}"
    told, seen = st.session_state.pop(f"{_MOVED}-{ticker}", ""), st.session_state.get(key, now)
    st.session_state[key] = now
    if not told and seen != now:
        name = CHAMPION_OF_ALL if now is None else f"version {now}"
        told = f"Meanwhile {name} was let {_does(ticker)}; look again before you move it."
    if told:
        st.toast(told)


def _does(ticker: str) -> str:
    return f"forecast {ticker}" if ticker else "serve"


def _offer(
    who: Person,
    verb: str,
    standing: ModelVersion | None,
    model: ModelVersion | None,
    ticker: str,
) -> None:
    seen = None if standing is None else standing.version
    name = CHAMPION_OF_ALL if model is None else f"version {model.version}"
    key = f"{verb}-{ticker}-{None if model is None else model.version}"
    of = f"forecasts {ticker}" if ticker else "serves"
    label = f"{verb} {'to ' if verb == ROLL_BACK else ''}{name} ..."
    # Of its own key, or it would stay open as the next that is drawn in its place.
    with st.popover(label, key=f"{key}-popover"):
        kept = "" if seen is None else f"; version {seen} is kept and can serve again"
        st.write(f"{name[0].upper()}{name[1:]} {of} from the next forecast on{kept}.")
        found = [] if model is None or verb == ROLL_BACK else queries.decisions(model.version)
        if found and found[0].decision.answer != PASSED:
            said = found[0].decision
            told = f"Against version {found[0].champion} the gate said {said.answer}"
            st.warning(plain(f"{told}: {said.reasons[0]}"))
        reason = st.text_input("Reason", max_chars=500, key=f"{key}-reason")
        if st.button(verb, type="primary", key=f"{key}-button"):
            try:
                if verb == ROLL_BACK or model is None:
                    actions.roll_back(who, reason, seen, ticker)
                else:
                    actions.promote(who, model.version, reason, seen, ticker)
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
            "By": move.who,
            "Reason": move.reason,
        }
        for move in standings.champion_moves()
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["Since", "Version", "Forecasts", "Move", "By", "Reason"]),
        hide_index=True,
        column_config={"Version": st.column_config.TextColumn(width=150)},
        alt="Moves of the champion aliases, newest first",
    )


def decisions() -> pd.DataFrame:
    """One row a decision of the gate, newest first."""
    rows = []
    for one in queries.decisions():
        said = one.decision
        rows.append(
            {
                "Decided": instant(one.at),
                "Challenger": str(one.challenger),
                "Champion": str(one.champion),
                "For": said.ticker or ALL_TICKERS,
                "Kind": said.kind,
                "Answer": said.answer,
                "Loss saved, 95 % band": saved(said),
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


def saved(said: Decision | None) -> str:
    """What the gate found that a challenger saves of the champion's loss, with its band."""
    band = None if said is None else said.saved
    if band is None:
        return UNKNOWN
    low, high = signed_percent(band.low), signed_percent(band.high)
    return f"{signed_percent(band.value)} ({low} to {high})"


def _gate(challenger: ModelVersion) -> None:
    """What the gate says of a version, with its n and window."""
    found = queries.decisions(challenger.version)
    if not found:
        st.markdown("The gate was not asked about it.")
        return
    said, rival = found[0].decision, found[0].champion
    of = (
        f" n {said.n} on {said.dates} dates, {said.window.replace('..', ' to ')}." if said.n else ""
    )
    st.markdown(f"**Gate: {said.answer}** ({said.kind} against version {rival})")
    st.markdown(plain(f"{' '.join(said.reasons)}{of}"))


def _card(title: str, model: ModelVersion) -> None:
    card, skill = model.card, model.card.skill
    st.markdown(f"**{title}: version {model.version}, {plain(model.name)}**")
    fault = standings.fault(model)
    if fault:
        st.error(plain(fault))
    if skill is None:
        st.markdown(f"Skill: {UNKNOWN}, too little history to measure it.")
    else:
        st.markdown(f"**{VERDICTS[skill.verdict]}**")
        covered = f"Coverage of the 80 % band: {percent(skill.coverage)}."
        st.markdown(plain(f"{sentences.proof_sentence(skill, card.scope)} {covered}"))
    trained = f"Trained {instant(model.created_at)} on {sentences.trained_on(card)}"
    why = f" by {card.who}: {card.reason}" if card.who else ""
    told = f"{trained}, {card.window.replace('..', ' to ')}{why}."
    st.caption(plain(f"{told} {sentences.lineage(model)}"))
