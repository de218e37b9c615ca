"""Forecasters of one ticker, which serve it only where they beat the champion of all."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from core.evaluation.walk_forward.evaluated_tickers import only_of
from core.evaluation.walk_forward.walk_recipe import walk_recipe
from core.foundation.progress import Progress
from core.lifecycle.challenge import ScoredBars, fault_of, kind_of, recipe, with_skills
from core.market_data.lake.bar_store import ParquetBars
from core.registry.gate import ChallengeKind, Decision, Evidence, GateVerdict, decide
from core.registry.gate_log import GateDecision
from core.registry.registry import ModelRegistry, ModelVersion


def evaluate_specialist(
    registry: ModelRegistry,
    bars: ParquetBars,
    model: ModelVersion,
    general: ModelVersion,
    scored: ScoredBars,
    at: datetime,
    progress: Progress,
) -> GateDecision:
    """Ask the gate about a version that learned from one ticker.

    The champion of all is walked forward over all bars it knows, or those of its evaluated tickers
    and this one, the specialist over its ticker's alone, each as it would serve, and they meet on
    the forecasts of that ticker. A new recipe has
    to be better than the champion, and than a specialist of another recipe that serves; the
    recipe of the one that serves has to be no worse than the champion.

    Parameters
    ----------
    general : the version that makes the forecasts of all.
    scored : the specialist's bars.

    Raises
    ------
    StorageError : the decision cannot be kept.
    """
    ticker, frame, scores = model.card.scope, scored.frame, scored.scores
    current = registry.champion(ticker)  # None where the champion of all serves
    if current is not None and current.card.sample and not model.card.sample:
        current = None  # it does not serve these bars
    same = current is not None and kind_of(model, current) == ChallengeKind.REFRESH
    learned = model.card.learned_beyond((current or general).card)
    corrupt = current is not None and bool(registry.fault(current))
    fault = fault_of(registry, model, scored)

    def against(incumbent: ModelVersion, panel: pd.DataFrame, kind: ChallengeKind) -> GateDecision:
        walk = None
        if scores is not None:
            origins = pd.DatetimeIndex(np.unique(scores["as_of"].to_numpy()))
            walk = walk_recipe(recipe(incumbent), panel, progress, ([ticker], origins))
        evidence = Evidence(kind, scores, walk, fault, learned=learned, corrupt=corrupt)
        decision = with_skills(replace(decide(evidence), ticker=ticker), scores, walk, frame)
        return registry.decisions.add(at, model.version, incumbent.version, decision)

    market = general.card.evaluated_tickers or general.card.tickers
    known = only_of(bars.load(adjusted=False), [*market, ticker])
    beside_general = against(
        general, known, ChallengeKind.REFRESH if same else ChallengeKind.CHANGE
    )
    if current is None or same or corrupt or beside_general.decision.verdict != GateVerdict.PROMOTE:
        return beside_general
    return against(current, frame, ChallengeKind.CHANGE)


def is_superseded(model: ModelVersion, current: ModelVersion | None, decision: Decision) -> bool:
    """Whether the decision on a new version of its recipe means that a specialist stops serving."""
    if not decision.ticker or current is None or kind_of(model, current) != ChallengeKind.REFRESH:
        return False
    return decision.verdict == GateVerdict.REJECT and decision.loss_reduction is not None
