"""What a step in the prices was: a developer's answer, and taking it back."""

from math import gcd, log

import streamlit as st

from app.components.formats import plain
from app.state import actions
from core.foundation.audit import MAX_REASON_CHARACTERS
from core.foundation.errors import TickerLensError
from core.foundation.keys.person import Person
from core.market_data.checks.vendor_adjustment import WITNESSED
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.reference.bar_holds import Hold

_REAL, _AS_LISTED, _SPLIT, _REDUCTION, _DIVIDEND = (
    "The price really moved so",
    "What is listed, and nothing else",
    "A split",
    "A reduction of capital",
    "A dividend",
)
# What a split may be, the plainest first, and how far a lively day may be from it.
_SMALL, _LARGE = range(1, 11), (12, 15, 20, 25, 30, 40, 50, 100)
_SPLITS = sorted(
    {(new, old) for new in _SMALL for old in _SMALL if new != old and gcd(new, old) == 1}
    | {(many, 1) for many in _LARGE}
    | {(1, many) for many in _LARGE},
    key=sum,
)
_NEARLY = 0.06
# Questions that name how many times the price before that since is, or the other way round.
_JOINED = "bar.joined-shares-implied"
_RATIO_OF = {"bar.split-unlisted-below": 1, "bar.split-unlisted-above": -1, _JOINED: -1}


def draw(reader: Person, one: QuarantineEntry, message_key: str) -> None:
    """The buttons below a step; what was done is left in the session state under `message_key`."""
    answered = one.status == QuarantineStatus.RELEASED
    with st.container(horizontal=True):
        with st.popover("Answer anew ..." if answered else "Answer ..."):
            if one.hold == Hold.STEP:
                st.write("From now on the bars before it are read with those since.")
            else:
                st.write("From now on it counts for all bars before it.")
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
            if one.hold == Hold.STEP:
                st.write("The bars before it are left out again, until somebody answers.")
            else:
                st.write("It counts no longer, until somebody answers.")
            reason = _reason("take-back", one)
            if st.button("Take back", type="primary", key=f"take-back-button-{one.id}"):
                _do(message_key, f"Taken back: {one.ticker} {one.first}.", reader, one, reason)


def _explanation(one: QuarantineEntry) -> str:
    code = "" if one.message is None else one.message.code
    likely_kind = 0 if code not in WITNESSED else 1 if code == _JOINED else 3
    first = _AS_LISTED if likely_kind else _REAL
    kind = st.radio(
        "What was it?",
        (first, _SPLIT, _REDUCTION, _DIVIDEND),
        index=likely_kind,
        key=f"answer-kind-{one.id}",
    )
    if kind == _SPLIT:
        likely = likely_split(one)
        new, old = st.columns(2)
        # Without limits: what lies beyond one would go back to the number offered, and be stored.
        shares = new.number_input("New shares", value=likely[0], key=f"answer-new-{one.id}")
        old_shares = old.number_input("for old ones", value=likely[1], key=f"answer-old-{one.id}")
        return f"split {shares}:{old_shares}"
    if kind == _REDUCTION:
        left = st.number_input(
            "New shares for one old",
            value=0.6,
            step=0.01,
            format="%.4f",
            key=f"answer-left-{one.id}",
        )
        return f"capital reduction {left:.6g}"
    if kind == _DIVIDEND:
        paid = st.number_input(
            "Paid per share",
            value=_payout(one),
            step=0.1,
            format="%.4f",
            key=f"answer-paid-{one.id}",
        )
        return f"dividend {paid:.10g}"
    return "real"


def likely_split(one: QuarantineEntry) -> tuple[int, int]:
    """New shares for old ones that come nearest to what the price did: 102 to 34.5 is 3 for 1."""
    numbers = {} if one.message is None else one.message.parameters
    if {"before", "after"} <= numbers.keys():
        ratio = float(numbers["before"]) / float(numbers["after"])
    elif one.message is not None and one.message.code in _RATIO_OF:
        ratio = float(numbers["ratio"]) ** _RATIO_OF[one.message.code]
    else:
        return 2, 1
    return next((pair for pair in _SPLITS if abs(log(pair[0] / pair[1] / ratio)) < _NEARLY), (2, 1))


def _payout(one: QuarantineEntry) -> float:
    """What is asked about, where the question names an amount."""
    numbers = {} if one.message is None else one.message.parameters
    return round(float(numbers.get("other", numbers.get("implied", 1.0))), 4)


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
