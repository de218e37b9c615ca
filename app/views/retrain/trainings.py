"""The latest trainings, asked for by a button, a schedule, drift or a command."""

from datetime import datetime

import pandas as pd

from app.components.formats import UNKNOWN, instant
from app.components.requests import ENDINGS
from app.state import queries
from app.state.prefect_client import Run
from core.foundation.outbox import Request
from core.lifecycle.train import DEFAULT
from core.reference.scope import ALL
from core.registry.registry import ModelVersion

SHOWN = 12


def history(requests: list[Request], models: list[ModelVersion], runs: list[Run]) -> pd.DataFrame:
    """One row a training, newest first.

    Parameters
    ----------
    requests : what was asked for here.
    models : every version; what no request and no run tells of was trained by a command.
    runs : what the scheduler knows; none while it is away.
    """
    rows: list[tuple[datetime, dict[str, str]]] = []
    seen = {one.run for one in requests}
    for request in requests:
        model = queries.trained_by(request.run)
        ended = ENDINGS.get(str(request.outcome), UNKNOWN)
        state = "under way" if request.ended_at is None else ended
        given = {name: value for name, value in request.parameters.items() if value}
        what = {"scope": ALL, "model": DEFAULT if model is None else model.name, **given}
        rows.append(_row(request.asked_at, state, model, request.actor, what))
    for model in sorted(models, key=lambda one: one.version, reverse=True):
        card = model.card
        if card.run and card.run in seen:
            continue
        first = queries.trained_by(card.run) if card.run else model
        seen.add(card.run)
        what = {"scope": card.scope, "model": model.name, "reason": card.reason}
        rows.append(_row(model.created_at, "completed", first, card.actor, what))
    for run in runs:
        if run.id not in seen:
            state = ENDINGS.get(run.state, "under way")
            what = {"scope": ALL, "model": DEFAULT, "reason": "scheduled", **run.parameters}
            rows.append(_row(run.since, state, None, str(what.get("who", "schedule")), what))
    rows.sort(key=lambda pair: pair[0], reverse=True)
    return pd.DataFrame([row for _, row in rows[:SHOWN]])


def _row(
    at: datetime, state: str, model: ModelVersion | None, actor: str, what: dict[str, object]
) -> tuple[datetime, dict[str, str]]:
    return at, {
        "When": instant(at),
        "Outcome": state,
        "Version": "" if model is None else str(model.version),
        "By": actor or UNKNOWN,
        "Scope": str(what.get("scope", "")),
        "Model": str(what.get("model", "")),
        "Reason": str(what.get("reason", "")) or UNKNOWN,
    }
