"""The trainings on record, asked for by a button, a schedule, drift or a command."""

from datetime import datetime

import pandas as pd
import streamlit as st

from app.components.formats import UNKNOWN, instant
from app.components.grid import data_grid
from app.state import queries
from app.views.retrain.ask_form import LABELS
from core.foundation.outbox import RequestOrigin
from core.lifecycle.train import DEFAULT
from core.reference.scope import ALL
from core.registry.registry import ModelVersion
from core.workflows.training.trainings import PAGE_ROWS, Training

_ROWS = "trainings-shown"
_FROM = {
    RequestOrigin.PAGE: "this page",
    RequestOrigin.API: "the API",
    RequestOrigin.SCHEDULE: "a schedule",
    RequestOrigin.DRIFT: "drift",
    RequestOrigin.COMMAND: "a command",
    RequestOrigin.PROGRAM: "the program",
}


def draw() -> None:
    """The newest trainings as a table, and a button for older ones."""
    st.subheader("Trainings", anchor=False)
    shown = st.session_state.setdefault(_ROWS, PAGE_ROWS)
    found, models = queries.latest_trainings(shown + 1), queries.unrecorded_versions()
    more, found = len(found) > shown, found[:shown]
    if more:
        models = [one for one in models if one.created_at > found[-1].request.asked_at]
    if not found and not models:
        st.caption("There was none yet.")
        return
    alt = "The trainings on record, newest first"
    data_grid(table(found, models, queries.versions()), hide_index=True, alt=alt)
    if more and st.button("Older ones"):
        st.session_state[_ROWS] = shown + PAGE_ROWS
        st.rerun()


def table(
    found: list[Training], unrecorded: list[ModelVersion], models: list[ModelVersion]
) -> pd.DataFrame:
    """One row a training, newest first.

    Parameters
    ----------
    found : those on record.
    unrecorded : versions that none of them stored; each has a row of its own.
    models : every version.
    """
    rows: list[tuple[datetime, dict[str, str]]] = []
    names = {model.version: model.name for model in models}
    for one in found:
        request = one.request
        given = {name: value for name, value in request.parameters.items() if value}
        what = {"model": names.get(one.version or 0, DEFAULT), "scope": ALL, **given}
        begun, ended = request.started_at, request.ended_at
        seconds = None  # of work that was noted when it was done, how long it took is unknown
        if begun is not None and ended is not None and ended > begun:
            seconds = (ended - begun).total_seconds()
        origin = _FROM.get(RequestOrigin(request.origin), UNKNOWN)
        rows.append(_row(request.asked_at, str(one.sentence), what, request.actor, origin, seconds))
    for model in unrecorded:
        card, stored = model.card, f"Completed: version {model.version} is stored."
        what = {"scope": card.scope, "model": model.name, "reason": card.reason}
        rows.append(_row(model.created_at, stored, what, card.actor, UNKNOWN, card.seconds))
    rows.sort(key=lambda pair: pair[0], reverse=True)
    return pd.DataFrame([row for _, row in rows])


def _row(
    at: datetime,
    state: str,
    what: dict[str, object],
    actor: str,
    origin: str,
    seconds: float | None,
) -> tuple[datetime, dict[str, str]]:
    scope = str(what["scope"])
    return at, {
        "Asked for": instant(at),
        "What became of it": state,
        "Scope": LABELS.get(scope, scope),
        "Model": str(what["model"]),
        "Reason": str(what.get("reason", "")) or UNKNOWN,
        "By": actor or UNKNOWN,
        "From": origin,
        "Took": UNKNOWN if seconds is None else f"{seconds:.0f} s",
    }
