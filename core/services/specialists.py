"""Forecasters of one ticker, which serve it only where they beat the champion of all."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from core.registry.decisions import Judgement
from core.registry.promotion import CHANGE, PROMOTE, REFRESH, REJECT, Decision, Evidence, decide
from core.registry.registry import ModelRegistry, ModelVersion
from core.services.judge import fault_of, kind_of, recipe
from core.services.progress import Progress
from core.services.walked import walked
from core.storage.bars import ParquetBars


def judge_specialist(
    registry: ModelRegistry,
    bars: ParquetBars,
    model: ModelVersion,
    general: ModelVersion,
    standing: ModelVersion | None,
    frame: pd.DataFrame,
    at: datetime,
    progress: Progress,
) -> Judgement:
    """Ask the gate about a version that learned from one ticker.

    The champion of all is walked forward over all bars it knows, the specialist over its ticker's
    alone, each as it would serve, and they meet on the forecasts of that ticker. A new recipe has
    to be better than the champion, and than a specialist of another recipe that serves; the
    recipe of the one that serves has to be no worse than the champion.

    Parameters
    ----------
    general : the champion of all.
    standing : the ticker's specialist that serves; None if the champion of all does.
    frame : the raw bars that `model` was trained on.

    Raises
    ------
    StorageError : the decision cannot be kept.
    """
    ticker, scores = model.card.scope, registry.scores(model.version)
    if standing is not None and standing.card.sample and not model.card.sample:
        standing = None  # it does not serve these bars
    same = standing is not None and kind_of(model, standing) == REFRESH
    newer = standing is None or model.card.data_hash != standing.card.data_hash
    broken = standing is not None and bool(registry.fault(standing))
    fault = fault_of(registry, model, frame, scores)

    def against(rival: ModelVersion, panel: pd.DataFrame, kind: str) -> Judgement:
        walk = None
        if scores is not None:
            origins = pd.DatetimeIndex(np.unique(scores["as_of"].to_numpy()))
            walk = walked(recipe(rival), panel, progress, ([ticker], origins))
        evidence = Evidence(kind, scores, walk, fault, newer=newer, broken=broken)
        decision = replace(decide(evidence), ticker=ticker)
        return registry.decisions.add(at, model.version, rival.version, decision)

    known = bars.load(adjusted=False)
    known = known[known["ticker"].isin([*general.card.tickers, ticker])].reset_index(drop=True)
    said = against(general, known, REFRESH if same else CHANGE)
    if standing is None or same or said.decision.answer != PROMOTE:
        return said
    return against(standing, frame, CHANGE)


def outdone(model: ModelVersion, standing: ModelVersion | None, said: Decision) -> bool:
    """Whether what was said of a specialist's own recipe means that it serves no longer."""
    if not said.ticker or standing is None or kind_of(model, standing) != REFRESH:
        return False
    return said.answer == REJECT and said.saved is not None
