"""Train a forecaster on all stored bars, prove it, and let it serve."""

import resource
import sys
import time
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from core.commit import commit
from core.errors import ArtifactError, BusyError
from core.features.spec import HAR
from core.market.sample import SampleSource
from core.models import create
from core.models.provenance import data_hash
from core.registry.cards import ModelCard
from core.registry.promotion import PROMOTE
from core.registry.registry import ModelRegistry, ModelVersion
from core.services.judge import judge
from core.services.progress import Progress, silent
from core.services.scope import ALL, in_scope, parse_scope
from core.services.specialists import judge_specialist, outdone
from core.services.walked import skills, walked
from core.storage.bars import ParquetBars
from core.tickers import Ticker

DEFAULT = "har"


@dataclass(frozen=True)
class Order:
    """A training somebody asks for.

    Parameters
    ----------
    who, reason : written into the model card and beside the move of an alias.
    scope : which tickers to learn from, see `core.services.scope`.
    name : the forecaster.
    run : id of the flow run that does it, empty outside a flow.
    gate : whether the result serves at once if the gate lets it; else it challenges.
    """

    who: str
    reason: str
    scope: str = ALL
    name: str = DEFAULT
    run: str = ""
    gate: bool = False


def train(
    bars: ParquetBars,
    registry: ModelRegistry,
    order: Order,
    at: datetime,
    progress: Progress = silent,
) -> ModelVersion:
    """Fit, measure skill by walk-forward, register; the first version serves, others challenge.

    A version also serves at once where the champion was trained on none of the tickers that are
    stored now, for then there is nothing to compare, and where neither the champion nor a former
    one can serve. Of every other the gate says whether it may take the champion's place, which is
    kept on record; it does if the order says so. One that learned from a single ticker is to be
    that ticker's specialist, see `core.services.specialists`.

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
    scores = walked(lambda: create(order.name), frame, progress)
    overall, by_ticker = skills(scores)
    card = ModelCard(
        params=forecaster.params(),
        tickers=tuple(sorted(frame["ticker"].unique())),
        window=f"{frame['session'].min():%Y-%m-%d}..{frame['session'].max():%Y-%m-%d}",
        bars=len(frame),
        data_hash=data_hash(frame),
        spec_hash=HAR.digest,
        skill=overall,
        skill_by_ticker=by_ticker,
        seconds=round(time.perf_counter() - started, 3),
        scope=parse_scope(order.scope),
        who=order.who,
        reason=order.reason,
        run=order.run,
        sample=bool((frame["source"] == SampleSource.name).all()),
        commit=commit(),
        memory_mb=_most_memory(),
    )
    progress("Storing the model", 0, 1)
    model = registry.register(forecaster, card, at, scores)
    _seat(registry, bars, order, model, frame, at, progress)
    progress("Model stored", 1, 1)
    return model


def refreshed(order: Order, serving: dict[str, ModelVersion], stored: list[Ticker]) -> list[Order]:
    """An order for each specialist that serves a stored ticker, by the recipe it has."""
    symbols = {ticker.symbol for ticker in stored}
    return [
        replace(order, scope=ticker, name=model.name)
        for ticker, model in serving.items()
        if ticker in symbols
    ]


def _most_memory() -> float:
    """The most this process has held so far, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / 1e6 if sys.platform == "darwin" else most / 1e3, 1)


def _seat(
    registry: ModelRegistry,
    bars: ParquetBars,
    order: Order,
    model: ModelVersion,
    frame: pd.DataFrame,
    at: datetime,
    progress: Progress,
) -> None:
    """Point an alias at a new version; whoever was faster is looked at again."""
    while True:
        general, stored = registry.champion(), {ticker.symbol for ticker in bars.tickers()}
        # What was removed meanwhile is no reason to replace a champion.
        trained = stored & set(model.card.tickers)
        ticker = model.card.only_ticker
        down = not ticker and not _can_serve(registry)
        if general is None or (trained and not has_fit(registry, bars)) or down:
            ticker, champion, wanted, reason = "", general, True, order.reason
        else:
            champion = registry.champion(ticker)
            _challenge(registry, order, model, at, ticker)  # whoever stops it here leaves that
            progress("Asking the gate", 0, 1)
            if ticker:
                judgement = judge_specialist(
                    registry, bars, model, general, champion, frame, at, progress
                )
            else:
                judgement = judge(registry, model, general, frame, stored, at, progress)
            reason = f"{order.reason} (decision {judgement.number} of the gate)"
            wanted = order.gate and judgement.decision.answer == PROMOTE
            retired = order.gate and outdone(model, champion, judgement.decision)
            if not wanted:
                _challenge(registry, order, model, at, ticker)
            if not (wanted or retired):
                return
        serves = model.version if wanted else None
        seen = None if champion is None else champion.version
        try:
            registry.promote(serves, order.who, reason, at, seen, ticker)
            return
        except BusyError:
            continue


def _challenge(
    registry: ModelRegistry, order: Order, model: ModelVersion, at: datetime, ticker: str
) -> None:
    if registry.challenger(ticker) != model:
        registry.challenge(model.version, order.who, order.reason, at, ticker)


def _can_serve(registry: ModelRegistry) -> bool:
    try:
        return registry.serving() is not None
    except ArtifactError:
        return False


def has_fit(registry: ModelRegistry, bars: ParquetBars) -> bool:
    """Whether the champion learned from any of the bars that are stored now."""
    champion = registry.champion()
    if champion is None:
        return False
    last = bars.load(adjusted=False).groupby("ticker")["source"].last()
    return any(champion.card.knows(str(ticker), source) for ticker, source in last.items())


def _learned_from(bars: ParquetBars, scope: str) -> pd.DataFrame:
    """Raw bars of the scope; of damaged tickers, only one asked for by name is an error."""
    tickers = in_scope(scope, bars.tickers())
    if len(tickers) == 1:
        return bars.load(tickers, adjusted=False)
    frame = bars.load(adjusted=False)
    return frame[frame["ticker"].isin([ticker.symbol for ticker in tickers])].reset_index(drop=True)
