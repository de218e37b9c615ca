"""Train a forecaster on all stored bars, prove it, and let it serve."""

import resource
import sys
import time
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from core.evaluation.walk_forward.evaluated_tickers import evaluated_bars, only_of
from core.evaluation.walk_forward.provenance import data_hash
from core.evaluation.walk_forward.walk_recipe import skills, walk_recipe
from core.features.spec import HAR
from core.foundation.errors import BusyError
from core.foundation.progress import Progress, silent
from core.foundation.source_commit import commit
from core.lifecycle.challenge import ScoredBars, ask_gate
from core.lifecycle.reevaluate import serving_version
from core.lifecycle.specialists import evaluate_specialist, is_superseded
from core.lifecycle.wanted_training import learned_from_any
from core.market_data.lake.bar_origins import own_tickers
from core.market_data.lake.bar_store import ParquetBars
from core.models import create
from core.reference.bar_sources import sample_rows, sample_tickers
from core.reference.schema import MAX_HORIZON
from core.reference.scope import ALL, in_scope, parse_scope
from core.reference.tickers import Ticker
from core.reference.windows import window_text
from core.registry.gate import GateVerdict
from core.registry.model_card import ModelCard
from core.registry.registry import ModelRegistry, ModelVersion

DEFAULT = "har"


@dataclass(frozen=True)
class TrainingRequest:
    """A training somebody asks for.

    Parameters
    ----------
    actor, reason : written into the model card and beside the move of an alias.
    scope : which tickers to learn from, see `core.reference.scope`.
    name : the forecaster.
    run : id of the flow run that does it, empty outside a flow.
    gate : whether the result serves at once if the gate lets it; else it challenges.
    evaluate_all : whether skill is measured on every ticker, and not only on those that stand for
        all, see `core.evaluation.walk_forward.evaluated_tickers`.
    """

    actor: str
    reason: str
    scope: str = ALL
    name: str = DEFAULT
    run: str = ""
    gate: bool = False
    evaluate_all: bool = False


def train(
    bars: ParquetBars,
    registry: ModelRegistry,
    order: TrainingRequest,
    at: datetime,
    progress: Progress = silent,
) -> ModelVersion:
    """Fit on all, measure skill by walk-forward, and register; the first version serves at once.

    A later version serves at once in two cases: the champion was trained on none of the stored
    tickers, or no earlier version can serve. Where a person has tickers of their own, only those
    count as stored. In all other cases it becomes the challenger, and the gate decides whether it
    may replace the champion. The decision is stored; the version is promoted by it only if the
    order says so. A version trained on a single ticker is a challenger for that ticker alone, see
    `core.lifecycle.specialists`.

    Parameters
    ----------
    at : the instant of registration, aware.

    Raises
    ------
    InvalidInputError : there is no forecaster of that name, or the scope is not understood.
    NotFoundError : no bars are stored for the scope.
    NotEnoughHistoryError : no ticker has enough of them.
    """
    started = time.perf_counter()
    forecaster = create(order.name)
    progress("Reading bars", 0, 1)
    frame = _learned_from(bars, order.scope)
    progress(f"Fitting {order.name}", 0, 1)
    forecaster.fit(frame)
    evaluated = frame if order.evaluate_all else evaluated_bars(frame)
    scores = walk_recipe(lambda: create(order.name), evaluated, progress)
    overall, by_ticker = skills(scores)
    sample = sample_rows(frame)
    counts = frame.groupby("ticker")["session"].transform("size")
    learned = counts > HAR.warm_up + MAX_HORIZON  # of younger ones nothing is
    card = ModelCard(
        params=forecaster.params(),
        tickers=tuple(sorted(frame["ticker"].unique())),
        window=window_text(frame["session"].min(), frame["session"].max()),
        bars=len(frame),
        data_hash=data_hash(frame),
        spec_hash=HAR.digest,
        skill=overall,
        skill_by_ticker=by_ticker,
        seconds=round(time.perf_counter() - started, 3),
        scope=parse_scope(order.scope, bars.tickers()),
        actor=order.actor,
        reason=order.reason,
        run=order.run,
        sample=bool((sample | ~learned).all() and sample.any()),
        sample_tickers=tuple(sorted(sample_tickers(frame))),
        commit=commit(),
        memory_mb=_most_memory(),
        evaluated_tickers=(
            None if evaluated is frame else tuple(sorted(evaluated["ticker"].unique()))
        ),
    )
    progress("Storing the model", 0, 1)
    model = registry.register(forecaster, card, at, scores)
    scored = ScoredBars(frame, evaluated, scores)
    _assign_alias(registry, bars, order, model, scored, at, progress)
    progress("Model stored", 1, 1)
    return model


def refreshed(
    order: TrainingRequest, serving: dict[str, ModelVersion], stored: list[Ticker]
) -> list[TrainingRequest]:
    """An order for each specialist that serves a stored ticker, by the recipe it has."""
    symbols = {ticker.symbol for ticker in stored}
    return [
        replace(order, scope=ticker, name=model.name)
        for ticker, model in serving.items()
        if ticker in symbols
    ]


def learned_already(bars: ParquetBars, registry: ModelRegistry) -> bool:
    """Whether a version of the default recipe was trained on exactly the bars stored now."""
    digest = data_hash(_learned_from(bars, ALL))
    return any(
        (one.name, one.card.scope, one.card.data_hash) == (DEFAULT, ALL, digest)
        for one in registry.versions()
    )


def _most_memory() -> float:
    """The most this process has held so far, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / 1e6 if sys.platform == "darwin" else most / 1e3, 1)


def _assign_alias(
    registry: ModelRegistry,
    bars: ParquetBars,
    order: TrainingRequest,
    model: ModelVersion,
    scored: ScoredBars,
    at: datetime,
    progress: Progress,
) -> None:
    """Point an alias at a new version; decide again if somebody moved the alias meanwhile."""
    while True:
        general, stored = registry.champion(), {ticker.symbol for ticker in bars.tickers()}
        ticker = model.card.only_ticker
        if (
            general is None
            or _replaces(model, general, bars)
            or _none_serves(registry, model, bars)
        ):
            ticker, champion, wanted, reason = "", general, True, order.reason
        else:
            champion = registry.champion(ticker)
            _challenge(
                registry, order, model, at, ticker
            )  # it stays so if the program is stopped here
            progress("Asking the gate", 0, 1)
            scored = replace(scored, scores=registry.scores(model.version))
            serving = serving_version(registry) or general
            if ticker:
                decided = evaluate_specialist(registry, bars, model, serving, scored, at, progress)
            else:
                decided = ask_gate(registry, model, serving, scored, stored, at, progress)
            reason = f"{order.reason} (decision {decided.number} of the gate)"
            wanted = order.gate and decided.decision.verdict == GateVerdict.PROMOTE
            retired = order.gate and is_superseded(model, champion, decided.decision)
            if not wanted:
                _challenge(registry, order, model, at, ticker)
            if not (wanted or retired):
                return
        serves = model.version if wanted else None
        seen = None if champion is None else champion.version
        try:
            registry.promote(serves, order.actor, reason, at, seen, ticker)
            return
        except BusyError:
            continue


def _challenge(
    registry: ModelRegistry, order: TrainingRequest, model: ModelVersion, at: datetime, ticker: str
) -> None:
    if registry.challenger(ticker) != model:
        registry.challenge(model.version, order.actor, order.reason, at, ticker)


def _none_serves(registry: ModelRegistry, model: ModelVersion, bars: ParquetBars) -> bool:
    """Whether no earlier version can serve the stored tickers, and this one can."""
    own = bool(own_tickers(bars))
    if model.card.only_ticker or (own and model.card.sample):
        return False
    serving = registry.serving(sample=False if own else None)
    return serving is None or serving.fallback


def _replaces(model: ModelVersion, champion: ModelVersion, bars: ParquetBars) -> bool:
    """Whether a version learned from a stored ticker, and the champion from none of them.

    That some of the champion's tickers were removed is no reason to replace it.
    """
    return learned_from_any(model, bars) and not learned_from_any(champion, bars)


def _learned_from(bars: ParquetBars, scope: str) -> pd.DataFrame:
    """Raw bars of the scope; of damaged tickers, only one asked for by name is an error."""
    tickers = in_scope(scope, bars.tickers())
    if len(tickers) == 1:
        return bars.load(tickers, adjusted=False)
    frame, wanted = bars.load(adjusted=False), {ticker.symbol for ticker in tickers}
    return frame if wanted.issuperset(frame["ticker"].unique()) else only_of(frame, wanted)
