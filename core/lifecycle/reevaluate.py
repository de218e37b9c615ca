"""Ask the gate about a challenger again, once its decision has lapsed."""

from datetime import datetime

from core.evaluation.walk_forward.evaluated_tickers import evaluated_bars, only_of
from core.evaluation.walk_forward.provenance import data_hash
from core.evaluation.walk_forward.walk_recipe import walk_recipe
from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.messages import Message
from core.foundation.progress import Progress, silent
from core.lifecycle.challenge import ScoredBars, ask_gate, kind_of, recipe
from core.lifecycle.specialists import evaluate_specialist
from core.market_data.lake.bar_store import ParquetBars
from core.registry.decision_validity import Incumbents, lapsed
from core.registry.gate import ChallengeKind
from core.registry.gate_log import GateDecision
from core.registry.registry import ModelRegistry, ModelVersion


def rivals_of(registry: ModelRegistry, model: ModelVersion, ticker: str = "") -> Incumbents | None:
    """The version that another would replace now; None where no other version serves."""
    serving = serving_version(registry)
    own = registry.champion(ticker) if ticker else None
    if serving is None or model in (serving, own):
        return None
    if own is None or (own.card.sample and not model.card.sample):
        return Incumbents(serving.version)
    same = kind_of(model, own) == ChallengeKind.REFRESH
    if registry.fault(own) and not same:
        return Incumbents(serving.version)
    return Incumbents(serving.version, own.version, same)


def serving_versions(registry: ModelRegistry, ticker: str = "") -> set[int]:
    """The versions that make forecasts now, of all tickers and of one."""
    found = (serving_version(registry, scope) for scope in {"", ticker})
    return {model.version for model in found if model is not None}


def serving_version(registry: ModelRegistry, ticker: str = "") -> ModelVersion | None:
    """The version that makes the forecasts of all tickers, or of one; None where none can."""
    serving = registry.serving(ticker)
    return None if serving is None or serving.fallback else serving.model


def why_lapsed(registry: ModelRegistry, model: ModelVersion, ticker: str = "") -> Message | None:
    """Why the gate's decision on a version is no longer valid, see `lapsed`; None if it is.

    Also None where no other version serves, since there is nothing to compare then.
    """
    incumbents = rivals_of(registry, model, ticker)
    if incumbents is None:
        return None
    return lapsed(registry.decisions.latest(2, model.version), incumbents)


def require_decision(registry: ModelRegistry, version: int, ticker: str = "") -> None:
    """Refuse a version that has no valid decision of the gate.

    Raises
    ------
    InvalidInputError : it has none; the sentence says why.
    NotFoundError : there is no such version.
    """
    reason = why_lapsed(registry, registry.get(version), ticker)
    if reason:
        raise InvalidInputError(
            "gate.lapsed",
            "No decision of the gate on version {version} holds now; ask it anew first. {reason}",
            {"version": version, "reason": reason},
            parameter="version",
        )


def evaluate_challenger(
    registry: ModelRegistry,
    bars: ParquetBars,
    version: int,
    ticker: str,
    at: datetime,
    progress: Progress = silent,
) -> GateDecision:
    """Ask the gate to compare a version with the serving one, on the bars stored now.

    Both recipes are walked forward anew, unless the bars are those that the version learned from.

    Parameters
    ----------
    ticker : whose specialist it is to be; empty for the champion of all.

    Raises
    ------
    InvalidInputError : it serves already, or nothing does, so there is nothing to compare.
    NotFoundError : there is no such version, or none of its tickers is stored any more.
    StorageError : the decision cannot be kept.
    """
    model, serving = registry.get(version), serving_version(registry)
    if serving is None or rivals_of(registry, model, ticker) is None:
        raise InvalidInputError(
            "gate.nothing-to-compare",
            "There is no other version that serves to compare version {version} with.",
            {"version": version},
        )
    stored = {one.symbol for one in bars.tickers()}
    progress("Reading bars", 0, 1)
    frame = only_of(bars.load(adjusted=False), model.card.tickers)
    if frame.empty:
        raise NotFoundError(
            "version.no-ticker-stored",
            "No ticker that version {version} learned from is stored.",
            {"version": version},
            parameter="version",
        )
    scores, tested, evaluated = registry.scores(version), model.card.evaluated_tickers, frame
    if data_hash(frame) == model.card.data_hash:
        evaluated = frame if tested is None else only_of(frame, tested)
    else:
        evaluated = frame if tested is None else evaluated_bars(frame)
        scores = walk_recipe(recipe(model), evaluated, progress)
    scored = ScoredBars(frame, evaluated, scores)
    if ticker:
        return evaluate_specialist(registry, bars, model, serving, scored, at, progress)
    return ask_gate(registry, model, serving, scored, stored, at, progress)
