"""Gather what the gate asks for, let it decide, and keep what it said."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from core.errors import ArtifactError, NotEnoughHistoryError
from core.features.panel import Panel
from core.invented import real
from core.models import Forecaster, create
from core.models.leak import find_leak
from core.registry.decisions import Judgement
from core.registry.promotion import CHANGE, REFRESH, Evidence, decide
from core.registry.registry import ModelRegistry, ModelVersion
from core.schema import HORIZONS
from core.services.progress import Progress
from core.services.walked import walked

_NAMED = 5  # tickers in a sentence
_WIDEST = np.log(100.0)  # of the close: no law of twenty sessions reaches so far


def judge(
    registry: ModelRegistry,
    challenger: ModelVersion,
    champion: ModelVersion,
    frame: pd.DataFrame,
    stored: Collection[str],
    at: datetime,
    progress: Progress,
) -> Judgement:
    """Ask the gate about a challenger.

    Both recipes are walked forward over the same bars; never is a fitted champion scored on bars
    it learned from.

    Parameters
    ----------
    frame : the raw bars that the challenger was trained on.
    stored : every ticker that is stored; one that was removed since has to be known to nobody.

    Raises
    ------
    StorageError : the decision cannot be kept.
    """
    scores = registry.scores(challenger.version)
    unknown = [one for one in champion.card.tickers if one in stored]
    unknown = [one for one in unknown if one not in challenger.card.tickers]
    kind = CHANGE if unknown else kind_of(challenger, champion)
    rival = scores if kind == REFRESH else walked(recipe(champion), frame, progress)
    fault = fault_of(registry, challenger, frame, scores)
    own, other = (None if one is None else real(one) for one in (scores, rival))
    newer = challenger.card.data_hash != champion.card.data_hash
    broken = bool(registry.fault(champion))
    decision = decide(Evidence(kind, own, other, fault, _narrow(unknown), newer, broken))
    return registry.decisions.add(at, challenger.version, champion.version, decision)


def kind_of(challenger: ModelVersion, champion: ModelVersion) -> str:
    """`REFRESH` if the challenger is the champion's recipe."""
    own, rival = challenger.card, champion.card
    same = (challenger.name, own.params, own.spec_hash, own.scope) == (
        champion.name,
        rival.params,
        rival.spec_hash,
        rival.scope,
    )
    return REFRESH if same else CHANGE


def fault_of(
    registry: ModelRegistry, model: ModelVersion, frame: pd.DataFrame, scores: pd.DataFrame | None
) -> str:
    """Why a version is never to serve: it is `unfit`, or its recipe sees the future; else empty."""
    return unfit(registry, model, frame) or _leak(model, frame, scores)


def unfit(registry: ModelRegistry, model: ModelVersion, frame: pd.DataFrame) -> str:
    """Why a version is not to serve, from its file and a forecast of each ticker; empty if it is.

    Parameters
    ----------
    frame : the `bars` contract, raw.
    """
    try:
        forecaster = registry.read(model)
    except ArtifactError as error:
        return error.message
    panel = Panel.of(frame)
    rows = panel.rows_at(None)
    rows = rows[panel.age[rows] >= forecaster.min_observations]
    with np.errstate(all="ignore"):  # what comes of it is looked at here
        law = forecaster.returns(panel, rows)
        usable = np.isfinite(law).all(axis=2) & (law < _WIDEST).all(axis=2)
        usable &= (np.diff(law, axis=2) >= 0).all(axis=2)
    if usable.all():
        return ""
    row, ahead = np.argwhere(~usable)[0]
    ticker = panel.tickers[panel.code[rows[row]]]
    return f"Its forecast of {ticker} at horizon {HORIZONS[ahead]} is no usable law of prices."


def recipe(model: ModelVersion) -> partial[Forecaster]:
    """Makes the forecaster of a version anew, not fitted."""
    return partial(create, model.name, **model.card.params)


def _narrow(unknown: list[str]) -> str:
    if not unknown:
        return ""
    told = ", ".join(unknown[:_NAMED]) + (" and others" if len(unknown) > _NAMED else "")
    return f"It did not learn from {told}, which the champion knows and it would forecast."


def _leak(model: ModelVersion, frame: pd.DataFrame, scores: pd.DataFrame | None) -> str:
    if scores is None:
        return ""
    origins = np.unique(scores["as_of"].to_numpy())
    chosen = [pd.Timestamp(origins[len(origins) // 2]), pd.Timestamp(origins[-1])]
    try:
        return find_leak(recipe(model), frame, chosen)
    except NotEnoughHistoryError:
        return ""
