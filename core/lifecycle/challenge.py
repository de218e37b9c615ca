"""Gather the evidence for the gate, let it decide, and record the decision."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from core.evaluation.walk_forward.lookahead import find_lookahead
from core.evaluation.walk_forward.walk_recipe import skills_on_same_rows, walk_recipe
from core.features.panel import Panel
from core.foundation.errors import ArtifactError, NotEnoughHistoryError
from core.foundation.messages import Message
from core.foundation.progress import Progress
from core.models import Forecaster, create
from core.reference.schema import HORIZONS
from core.reference.synthetic_ticker import real
from core.registry.gate import ChallengeKind, Decision, Evidence, decide
from core.registry.gate_log import GateDecision
from core.registry.registry import ModelRegistry, ModelVersion

_NAMED = 5  # tickers in a sentence
_WIDEST = np.log(100.0)  # of the close: no return over twenty sessions is so large


@dataclass(frozen=True)
class ScoredBars:
    """What a version is judged on.

    Parameters
    ----------
    frame : raw bars of the tickers that it was trained on.
    evaluated : those of the tickers that stand for all, see
        `core.evaluation.walk_forward.evaluated_tickers`.
    scores : its recipe walked forward over these, see
        `core.evaluation.walk_forward.walk_recipe`; None where they are too few.
    """

    frame: pd.DataFrame
    evaluated: pd.DataFrame
    scores: pd.DataFrame | None


def ask_gate(
    registry: ModelRegistry,
    challenger: ModelVersion,
    champion: ModelVersion,
    scored: ScoredBars,
    stored: Collection[str],
    at: datetime,
    progress: Progress,
) -> GateDecision:
    """Ask the gate about a challenger.

    Both recipes are walked forward over the same bars, those of the challenger's evaluated tickers.
    A fitted champion is never scored on bars that it learned from.

    Parameters
    ----------
    champion : the version that makes the forecasts now.
    scored : the challenger's bars.
    stored : every stored ticker. A version need not know one that was removed since.

    Raises
    ------
    StorageError : the decision cannot be kept.
    """
    frame, evaluated, scores = scored.frame, scored.evaluated, scored.scores
    unknown = [one for one in champion.card.tickers if one in stored]
    unknown = [one for one in unknown if one not in challenger.card.tickers]
    kind = ChallengeKind.CHANGE if unknown else kind_of(challenger, champion)
    incumbent = (
        scores
        if kind == ChallengeKind.REFRESH
        else walk_recipe(recipe(champion), evaluated, progress)
    )
    fault = fault_of(registry, challenger, scored)
    own, other = (None if one is None else real(one) for one in (scores, incumbent))
    learned = challenger.card.learned_beyond(champion.card)
    current = registry.champion()
    corrupt = current is not None and bool(registry.fault(current))
    decision = decide(Evidence(kind, own, other, fault, _narrow(unknown), learned, corrupt))
    decision = with_skills(decision, own, other, frame)
    return registry.decisions.add(at, challenger.version, champion.version, decision)


def with_skills(
    decision: Decision,
    challenger: pd.DataFrame | None,
    champion: pd.DataFrame | None,
    frame: pd.DataFrame,
) -> Decision:
    """The decision with the skill of both on the forecasts they share, and how far its bars go."""
    own, incumbent = skills_on_same_rows(challenger, champion)
    until = f"{frame['session'].max():%Y-%m-%d}"
    return replace(decision, challenger_skill=own, champion_skill=incumbent, bars_until=until)


def kind_of(challenger: ModelVersion, champion: ModelVersion) -> ChallengeKind:
    """`REFRESH` if the challenger is the champion's recipe."""
    own, incumbent = challenger.card, champion.card
    same = (challenger.name, own.params, own.spec_hash, own.scope) == (
        champion.name,
        incumbent.params,
        incumbent.spec_hash,
        incumbent.scope,
    )
    return ChallengeKind.REFRESH if same else ChallengeKind.CHANGE


def fault_of(registry: ModelRegistry, model: ModelVersion, scored: ScoredBars) -> Message | None:
    """Why a version must never serve: it is `unfit` or looks ahead. None if it may."""
    fault = unfit(registry, model, scored.frame)
    return fault or _lookahead(model, scored.evaluated, scored.scores)


def unfit(registry: ModelRegistry, model: ModelVersion, frame: pd.DataFrame) -> Message | None:
    """Why a version must not serve, by its file and a forecast of each ticker. None if it may.

    Parameters
    ----------
    frame : the `bars` contract, raw.
    """
    try:
        forecaster = registry.read(model)
    except ArtifactError as error:
        return error.sentence
    panel = Panel.of(frame)
    rows = panel.rows_at(None)
    rows = rows[panel.age[rows] >= forecaster.min_observations]
    with np.errstate(all="ignore"):  # infinities and NaN are found below
        distribution = forecaster.returns(panel, rows)
        valid = np.isfinite(distribution).all(axis=2) & (distribution < _WIDEST).all(axis=2)
        valid &= (np.diff(distribution, axis=2) >= 0).all(axis=2)
    if valid.all():
        return None
    row, ahead = np.argwhere(~valid)[0]
    ticker = panel.tickers[panel.code[rows[row]]]
    return Message(
        "gate.unusable-forecast",
        "Its forecast of {ticker} at horizon {horizon} is no usable predictive distribution.",
        {"ticker": ticker, "horizon": HORIZONS[ahead]},
    )


def recipe(model: ModelVersion) -> partial[Forecaster]:
    """Makes the forecaster of a version anew, not fitted."""
    return partial(create, model.name, **model.card.params)


def _narrow(unknown: list[str]) -> Message | None:
    if not unknown:
        return None
    if len(unknown) > _NAMED:
        return Message(
            "gate.narrower-by-many",
            "It did not learn from {tickers} and others, which the champion knows and it would "
            "forecast.",
            {"tickers": unknown[:_NAMED]},
        )
    return Message(
        "gate.narrower",
        "It did not learn from {tickers}, which the champion knows and it would forecast.",
        {"tickers": unknown},
    )


def _lookahead(
    model: ModelVersion, frame: pd.DataFrame, scores: pd.DataFrame | None
) -> Message | None:
    if scores is None:
        return None
    origins = np.unique(scores["as_of"].to_numpy())
    chosen = [pd.Timestamp(origins[len(origins) // 2]), pd.Timestamp(origins[-1])]
    try:
        return find_lookahead(recipe(model), frame, chosen)
    except NotEnoughHistoryError:
        return None
