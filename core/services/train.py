"""Train a forecaster on all stored bars, prove it, and let it serve."""

import hashlib
import time
from datetime import datetime

import pandas as pd

from core.errors import NotEnoughHistoryError, NotFoundError
from core.features.spec import HAR
from core.market.synthetic import SYNTHETIC
from core.models import create
from core.models.backtest import backtest
from core.models.skill import Skill, skill, skill_by_ticker
from core.models.splits import last_origins
from core.registry.cards import ModelCard
from core.registry.registry import ModelRegistry, ModelVersion
from core.services.progress import Progress, silent
from core.storage.bars import ParquetBars

DEFAULT = "har"
CONSTANT = "constant_width"
_UNHASHED = ["source", "ingested_at"]


def train(
    bars: ParquetBars,
    registry: ModelRegistry,
    who: str,
    reason: str,
    at: datetime,
    name: str = DEFAULT,
    progress: Progress = silent,
) -> ModelVersion:
    """Fit on everything stored, measure skill by walk-forward, register, make it champion.

    Parameters
    ----------
    who, reason : written beside the move of the champion alias.
    at : the instant of registration, aware.

    Raises
    ------
    InvalidInputError : there is no forecaster of that name.
    NotFoundError : no bars are stored.
    NotEnoughHistoryError : no ticker has enough of them.
    """
    started = time.perf_counter()
    forecaster = create(name)
    progress("Reading bars", 0, 1)
    frame = bars.load(adjusted=False)
    if frame.empty:
        raise NotFoundError("There are no stored bars to train on; ingest some first.")
    progress(f"Fitting {name}", 0, 1)
    forecaster.fit(frame)
    overall, by_ticker = _proof(name, frame, progress)
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
    )
    progress("Storing the model", 0, 1)
    model = registry.register(forecaster, card, at)
    registry.promote(model.version, who, reason, at)
    progress("Model stored", 1, 1)
    return model


def data_hash(bars: pd.DataFrame) -> str:
    """sha256 of a `bars` frame's values; where and when they came from does not count."""
    rows = pd.util.hash_pandas_object(bars.drop(columns=_UNHASHED), index=False)
    return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()


def _proof(
    name: str, frame: pd.DataFrame, progress: Progress
) -> tuple[Skill | None, dict[str, Skill]]:
    """Skill over all real tickers and of each, by walk-forward; None where it is unknown."""
    eras = _eras(frame)
    runs = [(rival, era) for era in eras for rival in (name, CONSTANT)]
    scores: dict[str, list[pd.DataFrame]] = {name: [], CONSTANT: []}
    for number, (rival, (tickers, origins)) in enumerate(runs):

        def told(done: int, total: int, number: int = number) -> None:
            progress("Walk-forward", number * total + done, len(runs) * total)

        try:
            found = backtest(rival, frame, origins=origins, progress=told)
        except NotEnoughHistoryError:
            continue  # unknown is said to be unknown; the forecast itself may still stand
        scores[rival].append(found[found["ticker"].isin(tickers)])
    if not scores[name]:
        return None, {}
    own = pd.concat(scores[name], ignore_index=True)
    constant = pd.concat(scores[CONSTANT], ignore_index=True)
    by_ticker = skill_by_ticker(own, constant)
    try:
        # An invented company says nothing about real ones.
        return skill(own[own["ticker"] != SYNTHETIC.symbol], constant), by_ticker
    except NotEnoughHistoryError:
        return None, by_ticker


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
