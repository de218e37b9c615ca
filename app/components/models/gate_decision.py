"""What the gate says of a challenger, whether that holds still, and how to ask it anew."""

import streamlit as st

from app.components import tracking
from app.components.formats import plain
from app.state import actions, alias_holders, queries
from core.foundation.errors import TickerLensError
from core.foundation.keys.person import Person
from core.reference.windows import window_in_words
from core.registry.gate import Decision
from core.registry.registry import ModelVersion


def draw(challenger: ModelVersion) -> None:
    """The decision with its n and window; one that holds no longer is said to be that."""
    found = queries.decisions(challenger.version)
    if not found:
        st.markdown("The gate was not asked about it.")
        return
    decision, champion = found[0].decision, found[0].champion
    lapsed = alias_holders.why_lapsed(challenger)
    if lapsed:
        st.warning(
            plain(f"The gate said {decision.verdict}, which holds no longer: ask it anew. {lapsed}")
        )
        return
    of = (
        f" n {decision.n} on {decision.dates} dates, {window_in_words(decision.window)}."
        if decision.n
        else ""
    )
    st.markdown(f"**Gate: {decision.verdict}** ({decision.kind} against version {champion})")
    st.markdown(plain(f"{' '.join(map(str, decision.reasons))}{of}"))
    newest = _newest(challenger)
    if decision.bars_until and _is_older(decision, newest):
        st.caption(plain(f"Of bars until {decision.bars_until}; those stored now end on {newest}."))


def offer(person: Person, challenger: ModelVersion, ticker: str) -> None:
    """A button that asks the gate anew, where it would have something new to say."""
    found, lapsed = queries.decisions(challenger.version), alias_holders.why_lapsed(
        challenger, ticker
    )
    if not lapsed and found and not _is_older(found[0].decision, _newest(challenger)):
        return
    key = f"gate-{ticker}-{challenger.version}"
    if st.button(f"Ask the gate about version {challenger.version}", key=key):
        try:
            job = actions.ask_gate(person, challenger.version, ticker)
        except TickerLensError as error:
            st.error(plain(error.message))
            return
        st.session_state[tracking.WATCHED] = job
        st.rerun()


def _newest(model: ModelVersion) -> str:
    """The last session stored of what a version learned from; empty if nothing is."""
    catalog = queries.catalog()
    own = catalog.loc[catalog["ticker"].isin(model.card.tickers), "last_session"]
    return f"{own.max():%Y-%m-%d}" if len(own) else ""


def _is_older(decision: Decision, newest: str) -> bool:
    return bool(newest) and decision.bars_until < newest
