"""Let a version serve, or the former one again."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.foundation.progress import Progress, silent
from core.lifecycle import promote as promotion
from core.lifecycle.promote import SEEN_NOW, Move
from core.lifecycle.reevaluate import evaluate_challenger, require_decision, why_lapsed
from core.registry.aliases import AliasRole, alias_of
from core.registry.registry import ModelVersion
from core.wiring import Workspace
from core.workflows.training.publish import publish, publish_later
from core.workflows.training.train import gate_of


def promote(
    workspace: Workspace,
    version: int,
    move: Move,
    at: datetime,
    progress: Progress = silent,
    ask_gate: bool = False,
    later: bool = True,
) -> dict[str, Any]:
    """Let a version serve, from the next forecast on, and record it in MLflow.

    Parameters
    ----------
    ask_gate : ask the gate anew where what it said of the version holds no longer; else that is
        an error, for the person has seen another answer.
    later : leave MLflow to the scheduler.

    Returns
    -------
    JSON-able: the alias, and what the gate said of the version, None if it was not asked.

    Raises
    ------
    InvalidInputError : the gate's decision holds no longer, or as `core.lifecycle.promote.promote`.
    BusyError : another version began to serve meanwhile.
    """
    registry, bars, ticker = workspace.registry, workspace.bars, move.ticker
    seen = move.instead_of if move.instead_of != SEEN_NOW else _version(registry.champion(ticker))
    model = registry.get(version)
    if not ask_gate:
        require_decision(registry, version, ticker)
    elif (
        bars.tickers() and model.card.only_ticker == ticker and why_lapsed(registry, model, ticker)
    ):
        evaluate_challenger(registry, bars, version, ticker, at, progress)
    gate = gate_of(registry, model)
    promotion.promote(registry, bars, workspace.audit, version, replace(move, instead_of=seen), at)
    promoted = {alias_of(AliasRole.CHAMPION, ticker): str(version), "gate": gate}
    if later:
        publish_later(workspace, move.actor, at)
        return promoted
    return promoted | publish(workspace, at, progress)


def roll_back(workspace: Workspace, move: Move, at: datetime) -> dict[str, Any]:
    """Let the former champion serve again; MLflow hears of it from the scheduler.

    Returns
    -------
    JSON-able: the alias, and the version it left. No version where the champion of all forecasts
    the ticker again.

    Raises
    ------
    NotFoundError : there is nothing to go back to.
    BusyError : another version began to serve meanwhile.
    """
    registry, bars = workspace.registry, workspace.bars
    left = _version(registry.champion(move.ticker))
    former = promotion.roll_back(registry, bars, workspace.audit, move, at)
    publish_later(workspace, move.actor, at)
    now = _version(former)
    before, after = (None if one is None else str(one) for one in (left, now))
    return {alias_of(AliasRole.CHAMPION, move.ticker): after, "instead_of": before}


def _version(model: ModelVersion | None) -> int | None:
    return None if model is None else model.version
