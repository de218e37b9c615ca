"""Train a model, and the specialists with it, and say how it stands."""

from typing import Any

from core.forecasts.forecast import skill_to_dict
from core.foundation.clock import Clock, utc_now
from core.foundation.errors import TickerLensError
from core.foundation.messages import Message
from core.foundation.outbox import StoppedError
from core.foundation.progress import Progress, silent
from core.foundation.sql.leases import LeaseLostError
from core.lifecycle import train as training
from core.lifecycle.reevaluate import why_lapsed
from core.lifecycle.train import TrainingRequest, refreshed
from core.lifecycle.wanted_training import take_back
from core.reference.scope import ALL
from core.registry.aliases import AliasRole, alias_of
from core.registry.registry import ModelRegistry, ModelVersion
from core.wiring import Workspace
from core.workflows.replay import replay_later
from core.workflows.training.publish import publish, publish_later
from core.workflows.training.recorded import Beginning, RecordedTraining, recorded


def train(
    workspace: Workspace,
    request: TrainingRequest,
    progress: Progress = silent,
    clock: Clock = utc_now,
    later: bool = False,
    beginning: Beginning = Beginning(),
) -> dict[str, Any]:
    """Train once and record it in MLflow.

    Where all tickers are learned from and the gate may let the result serve, the specialists that
    serve are trained anew too. A training that the program asked for and that is not wanted any
    more is taken back. After the first training on tickers of one's own, what the model would have
    forecast in the past is asked for.

    Parameters
    ----------
    clock : asked anew for each model, for a training takes minutes.
    later : leave MLflow to the scheduler.
    beginning : what asked for it, for the record.

    Returns
    -------
    JSON-able: the model, its alias, skill and what the gate said.

    Raises
    ------
    SkippedError : another training of the scope is open, or has just ended.
    StoppedError : it was cancelled.
    NotEnoughHistoryError : there is too little to learn from.
    TickerLensError : nothing is stored for the scope, or the model cannot be made.
    """
    with recorded(workspace, request, beginning, progress, clock) as now:
        trained = _train(workspace, now, clock)
        replay_later(workspace, request.actor, clock())
        if later:
            publish_later(workspace, request.actor, clock())
            return trained
        return trained | publish(workspace, clock(), progress)


def _train(workspace: Workspace, now: RecordedTraining, clock: Clock) -> dict[str, Any]:
    registry, bars, order = now.registry, workspace.bars, now.order
    model = training.train(bars, registry, order, clock(), now.progress)
    own: dict[str, Any] = {}
    if order.gate and model.card.scope == ALL:
        for one in refreshed(order, registry.specialists(), bars.tickers()):
            try:
                special = training.train(bars, registry, one, clock(), now.progress)
                own[one.scope] = _trained(registry, special)
            except (StoppedError, LeaseLostError):
                raise
            except TickerLensError as error:
                own[one.scope] = {"error": error.message}
    take_back(workspace.outbox, registry, bars, clock())
    return _trained(registry, model) | ({"specialists": own} if own else {})


def stopped_at(registry: ModelRegistry, model: ModelVersion) -> list[Message]:
    """Where a version is whose training was stopped, and what the gate says of a challenger."""
    alias, version = _alias(registry, model), {"version": model.version}
    role, _, ticker = alias.partition(".")
    if not alias:
        return [
            Message(
                "stopped.unassigned",
                "Version {version} is stored and is no challenger yet.",
                version,
            )
        ]
    where = Message(
        "stopped.alias", "Version {version} is stored and is the {role}.", {**version, "role": role}
    )
    if ticker:
        where = Message(
            "stopped.alias-of-ticker",
            "Version {version} is stored and is the {role} for {ticker}.",
            {**version, "role": role, "ticker": ticker},
        )
    return (
        [where, *_gate_says(registry, model, ticker)] if role == AliasRole.CHALLENGER else [where]
    )


def _gate_says(registry: ModelRegistry, model: ModelVersion, ticker: str) -> list[Message]:
    decisions = registry.decisions.latest(1, model.version)
    if not decisions:
        return [Message("stopped.gate-not-asked", "The gate was not asked about it.")]
    verdict, lapsed = {"verdict": decisions[0].decision.verdict}, why_lapsed(
        registry, model, ticker
    )
    if lapsed is None:
        return [Message("stopped.gate-says", "The gate says {verdict}.", verdict)]
    return [
        Message("stopped.gate-said", "The gate said {verdict}, which holds no longer.", verdict),
        lapsed,
    ]


def gate_of(registry: ModelRegistry, model: ModelVersion) -> dict[str, Any] | None:
    """What the gate said last of a version, and against which; None if it was not asked.

    `lapsed` says why that holds no longer, None if it does.
    """
    decisions = registry.decisions.latest(1, model.version)
    if not decisions:
        return None
    lapsed = why_lapsed(registry, model, decisions[0].decision.ticker)
    reasons = [str(one) for one in decisions[0].decision.reasons]
    return {
        "against": str(decisions[0].champion),
        "lapsed": lapsed and str(lapsed),
        **decisions[0].decision.to_dict(),
        "reasons": reasons,
    }


def _alias(registry: ModelRegistry, model: ModelVersion) -> str:
    """The alias that points at a version; empty if none does."""
    if registry.champion() == model:
        return AliasRole.CHAMPION
    ticker = model.card.only_ticker
    if registry.champion(ticker) == model:
        return alias_of(AliasRole.CHAMPION, ticker)
    return alias_of(AliasRole.CHALLENGER, ticker) if registry.challenger(ticker) == model else ""


def _trained(registry: ModelRegistry, model: ModelVersion) -> dict[str, Any]:
    card = model.card
    return {
        "model": {"name": model.name, "version": str(model.version)},
        "alias": _alias(registry, model) or alias_of(AliasRole.CHALLENGER, card.only_ticker),
        "scope": card.scope,
        "tickers": list(card.tickers),
        "evaluated_tickers": list(card.evaluated_tickers or card.tickers),
        "window": card.window,
        "bars": card.bars,
        "seconds": card.seconds,
        "skill": skill_to_dict(card.skill, card.scope),
        "gate": gate_of(registry, model),
    }
