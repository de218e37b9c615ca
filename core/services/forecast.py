"""Forecast one ticker with the champion."""

from datetime import datetime

from core.errors import NotFoundError
from core.forecasts.make import Forecast, make
from core.registry.registry import ModelRegistry
from core.schema import MAX_HORIZON, validate_horizon
from core.storage.bars import ParquetBars
from core.tickers import Ticker


def forecast(
    bars: ParquetBars,
    registry: ModelRegistry,
    ticker: Ticker,
    at: datetime,
    horizon: int = MAX_HORIZON,
) -> Forecast:
    """What the champion says of the sessions after the ticker's last stored one.

    Raises
    ------
    InvalidInputError : the horizon is not from 1 to 20.
    NotFoundError : the ticker has no bars, or no model was trained yet.
    NotEnoughHistoryError : the ticker has too few bars.
    StorageError : the ticker's bars cannot be read.
    ArtifactError : the stored champion is not what was registered.
    """
    validate_horizon(horizon)
    if ticker not in bars.tickers():
        raise NotFoundError(f"{ticker} is not tracked here.", "ticker")
    champion = registry.champion()
    if champion is None:
        raise NotFoundError("No model was trained yet.")
    bars.load([ticker])  # says what is wrong with a damaged file, which the panel leaves out
    panel = bars.load(adjusted=False)
    return make(registry.forecaster(champion), champion, panel, ticker, at, horizon)
