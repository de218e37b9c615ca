"""What a step in the prices was: a developer's answer, and taking it back."""

import streamlit as st

from app.components.formats import plain
from app.state import actions
from core.foundation.access import Person
from core.foundation.audit import MAX_REASON_CHARACTERS
from core.foundation.errors import TickerLensError
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus

_REAL, _SPLIT, _REDUCTION, _DIVIDEND = (
    "The price really moved so",
    "A split",
    "A reduction of capital",
    "A dividend",
)


def draw(reader: Person, one: QuarantineEntry, message_key: str) -> None:
    """The buttons below a step; what was done is left in the session state under `message_key`."""
    answered = one.status == QuarantineStatus.RELEASED
    with st.container(horizontal=True):
        with st.popover("Answer anew ..." if answered else "Answer ..."):
            st.write("From now on the bars before it are read with those since.")
            explanation = _explanation(one)
            reason = _reason("answer", one)
            if st.button("Answer", type="primary", key=f"answer-button-{one.id}"):
                _do(
                    message_key,
                    f"Answered, {explanation}: {one.ticker} {one.first}.",
                    reader,
                    one,
                    reason,
                    explanation,
                )
        if not answered:
            return
        with st.popover("Take back ..."):
            st.write("The bars before it are left out again, until somebody answers.")
            reason = _reason("take-back", one)
            if st.button("Take back", type="primary", key=f"take-back-button-{one.id}"):
                _do(message_key, f"Taken back: {one.ticker} {one.first}.", reader, one, reason)


def _explanation(one: QuarantineEntry) -> str:
    kind = st.radio(
        "What was it?", (_REAL, _SPLIT, _REDUCTION, _DIVIDEND), key=f"answer-kind-{one.id}"
    )
    if kind == _SPLIT:
        new, old = st.columns(2)
        first = new.number_input("New shares", 1, 1000, 2, key=f"answer-new-{one.id}")
        second = old.number_input("for old ones", 1, 1000, 1, key=f"answer-old-{one.id}")
        return f"split {first}:{second}"
    if kind == _REDUCTION:
        left = st.number_input(
            "New shares for one old", 0.001, 0.999, 0.6, 0.01, "%.4f", key=f"answer-left-{one.id}"
        )
        return f"capital reduction {left:.6g}"
    if kind == _DIVIDEND:
        paid = st.number_input(
            "Paid per share", 0.0001, None, 1.0, 0.1, "%.4f", key=f"answer-paid-{one.id}"
        )
        return f"dividend {paid:.10g}"
    return "real"


def _reason(name: str, one: QuarantineEntry) -> str:
    return st.text_input("Reason", max_chars=MAX_REASON_CHARACTERS, key=f"{name}-reason-{one.id}")


def _do(
    message_key: str,
    done: str,
    reader: Person,
    one: QuarantineEntry,
    reason: str,
    explanation: str = "",
) -> None:
    try:
        if explanation:
            actions.explain_step(reader, one.id, explanation, reason)
        else:
            actions.withdraw_explanation(reader, one.id, reason)
    except TickerLensError as error:
        st.error(plain(error.message))
        return
    st.session_state[message_key] = done
    st.rerun()
