"""Work that was asked for, as it happens: its state, its steps, and the way to stop it."""

from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from app.components.context import person
from app.components.formats import instant, plain
from app.state import actions, alias_holders, queries
from app.state.prefect_client import Run
from core.foundation.errors import NotFoundError, OfflineError, TickerLensError
from core.foundation.outbox import Request, RunState
from core.registry.registry import ModelVersion

_POLL_SECONDS = 1.0
_STARTING_SECONDS = 90  # how long after its start a silent scheduler is only slow
_BEGAN = datetime.now(UTC)
WORK = {"train": "Training", "monitor": "Monitoring"}
ENDINGS = {
    RunState.COMPLETED: "completed",
    RunState.FAILED: "failed",
    RunState.CRASHED: "crashed",
    RunState.CANCELLED: "cancelled",
    RunState.LOST: "lost: the scheduler does not know it any more",
    RunState.SKIPPED: "skipped: another one of its scope was open",
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
    text = f"{WORK.get(request.flow, request.flow)} {ENDINGS.get(str(request.outcome), 'ended')}."
    stored = queries.trained_by(request.run)
    if request.outcome == RunState.COMPLETED:
        if stored is None:
            return text
        return f"{text} Version {stored.version} is stored; {_alias_state(stored)}"
    if stored is not None:
        return f"{text} It was too late: version {stored.version} is stored."
    if request.outcome == RunState.CANCELLED:
        return f"{text} Nothing was stored."
    if request.outcome == RunState.CRASHED:
        return f"{text} Its process ended before the work did. Nothing was stored; ask again."
    if request.outcome == RunState.SKIPPED:
        return f"{text} That is training {request.skipped_for}."
    reason = "" if request.sentence is None else f" {request.sentence}"
    if not reason:
        with suppress(TickerLensError):
            run = queries.run(request)
            reason = f" {run.message}" if run is not None and run.message else ""
    return f"{text}{reason} Nothing was stored; ask again to repeat it."


def latest_training() -> tuple[str, bool]:
    """What came of the latest training, however asked for, and whether it left a version.

    Empty before the first.
    """
    requests, newest = queries.requests("train", 1), queries.versions()[-1:]
    request = requests[0] if requests and requests[0].ended_at is not None else None
    if newest:
        run, at = newest[0].card.run, newest[0].created_at
        ended = None if request is None else request.ended_at
        if ended is None or (at > ended and run != request.run):
            model = (queries.trained_by(run) if run else None) or newest[0]
            text = f"Version {model.version} was trained {instant(model.created_at)}"
            by = f" by {model.card.actor}" if model.card.actor else ""
            return f"{text}{by}; {_alias_state(model)}", True
    if request is None:
        return "", False
    return ending(request), request.outcome == RunState.COMPLETED


def _alias_state(model: ModelVersion) -> str:
    """Where a version stands now, and what the gate said of it."""
    ticker, decisions = model.card.only_ticker, queries.decisions(model.version)
    gate = ""
    if decisions:
        gate = f" The gate says {decisions[0].decision.verdict}: {decisions[0].decision.reasons[0]}"
        lapsed = alias_holders.why_lapsed(model, ticker)
        gate += f" That holds no longer. {lapsed}" if lapsed else ""
    for whose in dict.fromkeys(("", ticker)):
        if model == queries.champion(whose):
            can = "cannot serve" if alias_holders.fault(model) else "serves"
            return f"it {can}{f' {whose}' if whose else ''}.{gate}"
    if model == queries.challenger(ticker):
        return f"it challenges {f'for {ticker}' if ticker else 'the champion'}.{gate}"
    if any(one.version == model.version for one in alias_holders.champion_moves()):
        return "it served before."
    return f"it was not promoted.{gate}"


def active(flow: str) -> Request | None:
    """The request of a flow that has not ended."""
    return next((one for one in queries.requests(flow) if one.ended_at is None), None)


@st.fragment(run_every=_POLL_SECONDS)
def live_state(request: Request) -> None:
    """The live state of a request; the page is drawn anew when it ends."""
    now = queries.request(request.id)
    if now.ended_at is not None:
        st.rerun(scope="app")
    run, silent = _run(now)
    caption = f"{WORK.get(now.flow, now.flow)} asked for by {now.actor} at {instant(now.asked_at)}"
    with st.container(border=True, key=f"active-run-{now.id}"):
        st.markdown(f"**{plain(_state(now, run, silent))}**")
        st.caption(plain(caption + _description(now)))
        lines = _lines(now) if run is not None else []
        if lines:
            st.code("\n".join(lines[-12:]), language=None)
        elif not silent:
            st.progress(0.0, "Waiting for the first step ...")
        reader = person()
        over = not reader.may_act or now.stopping
        if st.button("Cancel", disabled=over, key=f"cancel-{now.id}"):
            try:
                actions.cancel(reader, now)
                st.toast("Asked to stop.")
            except TickerLensError as error:
                st.error(plain(error.message))


def _state(request: Request, run: Run | None, silent: str) -> str:
    if silent:
        return silent
    if request.stopping:
        return "Cancelling: it ends within seconds."
    if run is None and request.started_at is not None:
        return f"Running since {instant(request.started_at)}"
    if run is None:
        return scheduler_state() or "Queued: handed to the scheduler in a moment."
    if run.state in (RunState.SCHEDULED, RunState.PENDING):
        return "Starting: the scheduler has it, and begins as soon as it has a place for it."
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


def _description(request: Request) -> str:
    reason, scope = request.parameters.get("reason"), request.parameters.get("scope")
    text = "" if scope is None else f", scope {scope}"
    return f"{text}{f': {reason}' if reason else ''}"
