"""Train a forecaster on all stored bars, prove it, and let it serve."""

import hashlib
import time
from datetime import datetime

import pandas as pd

from core.errors import NotEnoughHistoryError, NotFoundError
from core.features.spec import HAR
from core.models import create
from core.models.backtest import backtest
from core.models.skill import Skill, skill, skill_by_ticker
from core.registry.cards import ModelCard
from core.registry.registry import ModelRegistry, ModelVersion
from core.services.progress import Progress, silent
from core.storage.bars import ParquetBars

DEFAULT = "har"
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
    try:
        scores = backtest(
            name, frame, progress=lambda done, total: progress("Walk-forward", done, total)
        )
        return skill(scores), skill_by_ticker(scores)
    except NotEnoughHistoryError:
        return None, {}  # unknown is said to be unknown; the forecast itself may still stand
