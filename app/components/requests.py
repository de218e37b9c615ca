"""Work that was asked for, as it happens: its state, its steps, and the way to stop it."""

from datetime import UTC, datetime

import streamlit as st

from app import actions, queries
from app.components.context import person
from app.components.formats import instant, plain
from app.runs import Run
from core.errors import NotFoundError, OfflineError, TickerLensError
from core.registry.registry import ModelVersion
from core.storage.outbox import Request

_POLL_SECONDS = 1.0
_STARTING_SECONDS = 90  # how long after its start a silent scheduler is only slow
_BEGAN = datetime.now(UTC)
WORK = {"train": "Training", "monitor": "Monitoring"}
OUTCOMES = {
    "COMPLETED": "completed",
    "FAILED": "failed",
    "CRASHED": "crashed",
    "CANCELLED": "cancelled",
    "LOST": "lost: the scheduler does not know it any more",
}


def scheduler_state() -> str:
    """Empty if the scheduler can take work, else one sentence on what it does instead."""
    if queries.scheduler_ready():
        return ""
    if (datetime.now(UTC) - _BEGAN).total_seconds() < _STARTING_SECONDS:
        return "Scheduler starting: what you ask for now begins as soon as it is up."
    return "Scheduler unreachable: what you ask for is queued and begins when it is back."


def ending(request: Request) -> str:
    """How a request ended, what it left behind, and why if it failed."""
    told = f"{WORK.get(request.flow, request.flow)} {OUTCOMES.get(str(request.outcome), 'ended')}."
    stored = None if request.run_id is None else queries.trained_by(request.run_id)
    if request.outcome == "COMPLETED":
        if stored is None:
            return told
        return f"{told} Version {stored.version} is stored; {_standing(stored)}"
    if stored is not None:
        return f"{told} It was too late: version {stored.version} is stored."
    if request.outcome == "CANCELLED":
        return f"{told} Nothing was stored."
    if request.outcome == "CRASHED":
        return f"{told} Its process ended before the work did. Nothing was stored; ask again."
    try:
        run = queries.run(request)
    except TickerLensError:
        run = None
    why = f" {run.message}" if run is not None and run.message else ""
    return f"{told}{why} Nothing was stored; ask again to repeat it."


def _standing(model: ModelVersion) -> str:
    """Where a version stands, and what the gate said of it."""
    ticker, said = model.card.only_ticker, queries.decisions(model.version)
    gate = ""
    if said:
        gate = f" The gate says {said[0].decision.answer}: {said[0].decision.reasons[0]}"
    if model == queries.champion():
        return f"it serves.{gate}"
    if ticker and model == queries.champion(ticker):
        return f"it serves {ticker}.{gate}"
    return f"it challenges {f'for {ticker}' if ticker else 'the champion'}.{gate}"


def active(flow: str) -> Request | None:
    """The request of a flow that has not ended."""
    found = queries.requests(flow, 1)
    return found[0] if found and found[0].ended_at is None else None


@st.fragment(run_every=_POLL_SECONDS)
def watch(request: Request) -> None:
    """The live state of a request; the page is drawn anew when it ends."""
    now = queries.request(request.id)
    if now.ended_at is not None:
        st.rerun(scope="app")
    run, silent = _run(now)
    asked = f"{WORK.get(now.flow, now.flow)} asked for by {now.who} at {instant(now.asked_at)}"
    with st.container(border=True, key="active-run"):
        st.markdown(f"**{plain(_state(now, run, silent))}**")
        st.caption(plain(asked + _told(now)))
        lines = _lines(now) if run is not None else []
        if lines:
            st.code("\n".join(lines[-12:]), language=None)
        elif not silent:
            st.progress(0.0, "Waiting for the first step ...")
        who = person()
        if st.button("Cancel", disabled=not who.may_act, key=f"cancel-{now.id}"):
            try:
                actions.cancel(who, now)
                st.toast("Asked to stop.")
            except TickerLensError as error:
                st.error(plain(error.message))


def _state(request: Request, run: Run | None, silent: str) -> str:
    if silent:
        return silent
    if run is None:
        return scheduler_state() or "Queued: handed to the scheduler in a moment."
    return f"{run.name}{f' for {run.seconds:.0f} s' if run.seconds >= 1 else ''}"


def _run(request: Request) -> tuple[Run | None, str]:
    try:
        return queries.run(request), ""
    except NotFoundError:
        return None, ""
    except OfflineError as error:
        return None, error.message


def _lines(request: Request) -> list[str]:
    try:
        return queries.log_lines(request)
    except TickerLensError:
        return []


def _told(request: Request) -> str:
    reason, scope = request.parameters.get("reason"), request.parameters.get("scope")
    told = "" if scope is None else f", scope {scope}"
    return f"{told}{f': {reason}' if reason else ''}"
