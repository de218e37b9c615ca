"""Train a forecaster on all stored bars, prove it, and let it serve."""

import time
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from core.errors import NotEnoughHistoryError
from core.features.spec import HAR
from core.market.sample import SampleSource
from core.market.synthetic import SYNTHETIC
from core.models import create
from core.models.backtest import backtests
from core.models.provenance import data_hash
from core.models.skill import KEY, Skill, skill, skill_by_ticker
from core.models.splits import last_origins
from core.registry.cards import ModelCard
from core.registry.registry import ModelRegistry, ModelVersion
from core.services.progress import Progress, silent
from core.services.scope import ALL, in_scope, parse_scope
from core.storage.bars import ParquetBars
from core.tickers import Ticker

DEFAULT = "har"
CONSTANT = "constant_width"


@dataclass(frozen=True)
class Order:
    """A training somebody asks for.

    Parameters
    ----------
    who, reason : written into the model card and beside the move of an alias.
    scope : which tickers to learn from, see `core.services.scope`.
    name : the forecaster.
    run : id of the flow run that does it, empty outside a flow.
    """

    who: str
    reason: str
    scope: str = ALL
    name: str = DEFAULT
    run: str = ""


def train(
    bars: ParquetBars,
    registry: ModelRegistry,
    order: Order,
    at: datetime,
    progress: Progress = silent,
) -> ModelVersion:
    """Fit, measure skill by walk-forward, register; the first version serves, others challenge.

    A version also serves at once where the champion was trained on none of the tickers that are
    stored now, for then there is nothing to compare.

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
    overall, by_ticker, scores = _proof(order.name, frame, progress)
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
    )
    progress("Storing the model", 0, 1)
    model = registry.register(forecaster, card, at, scores)
    # What was removed meanwhile is no reason to replace a champion.
    trained = {symbol for symbol in card.tickers if Ticker.parse(symbol) in bars.tickers()}
    if registry.champion() is None or (trained and not has_fit(registry, bars)):
        registry.promote(model.version, order.who, order.reason, at)
    else:
        registry.challenge(model.version, order.who, order.reason, at)
    progress("Model stored", 1, 1)
    return model


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


def _proof(
    name: str, frame: pd.DataFrame, progress: Progress
) -> tuple[Skill | None, dict[str, Skill], pd.DataFrame | None]:
    """Skill over all real tickers, of each, and the scores behind it; None where unknown."""
    eras = _eras(frame)
    scores: dict[str, list[pd.DataFrame]] = {name: [], CONSTANT: []}
    for number, (tickers, origins) in enumerate(eras):

        def told(done: int, total: int, number: int = number) -> None:
            progress("Walk-forward", number * total + done, len(eras) * total)

        try:
            found = backtests(
                {each: create(each) for each in scores}, frame, origins, progress=told
            )
        except NotEnoughHistoryError:
            continue  # unknown is said to be unknown; the forecast itself may still stand
        for each, run in found.items():
            scores[each].append(run[run["ticker"].isin(tickers)])
    if not (scores[name] and scores[CONSTANT]):
        return None, {}, None
    own = pd.concat(scores[name], ignore_index=True)
    constant = pd.concat(scores[CONSTANT], ignore_index=True)
    by_ticker = skill_by_ticker(own, constant)
    kept = own.merge(
        constant[[*KEY, "pinball"]].rename(columns={"pinball": "constant_pinball"}),
        on=KEY,
        how="left",
        validate="one_to_one",
    )
    try:
        # An invented company says nothing about real ones.
        return skill(own[own["ticker"] != SYNTHETIC.symbol], constant), by_ticker, kept
    except NotEnoughHistoryError:
        return None, by_ticker, kept


def _eras(frame: pd.DataFrame) -> list[tuple[list[str], pd.DatetimeIndex]]:
    """Tickers whose bars end in the same year, each group with origins out of its own sessions."""
    ends = frame.groupby("ticker")["session"].max().dt.year
    found = []
    for year in sorted(ends.unique()):
        tickers = ends.index[ends == year].tolist()
        own = frame.loc[frame["ticker"].isin(tickers), "session"]
        origins = last_origins(pd.DatetimeIndex(own.unique()).sort_values())
        if len(origins):
            found.append((tickers, origins))
    return found
