"""The stores that a forecast is made from, as part of every workspace."""

from dataclasses import dataclass
from typing import Protocol

from core.forecasts.ledger.ledger import Ledger
from core.forecasts.market_states import MarketStates
from core.foundation.caches.cache import Cache
from core.foundation.caches.opened_once import opened_once
from core.market_data.lake.bar_store import ParquetBars
from core.reference.sessions import SHIPPED, Calendars
from core.registry.registry import ModelRegistry


@dataclass(frozen=True)
class ForecastStores:
    """What a forecast is made from.

    Parameters
    ----------
    markets : what each ticker needs of the others.
    ledger : its scores of live forecasts by the same kind of model, on tickers of the same
        exchange calendar, recalibrate the width. Without it, and of sample bars or a fallback,
        the distribution is the model's own. Its calendars tell the target sessions; without it,
        those that TickerLens comes with.
    cache : where an equal forecast may be stored already; its `created_at` is that of its making.
    """

    bars: ParquetBars
    registry: ModelRegistry
    markets: MarketStates
    ledger: Ledger | None = None
    cache: Cache | None = None

    def calendars(self) -> Calendars:
        """The sessions that count."""
        return SHIPPED if self.ledger is None else self.ledger.calendars()


class WithStores(Protocol):
    """What has each of them."""

    @property
    def bars(self) -> ParquetBars:
        """The lake of bars."""

    @property
    def registry(self) -> ModelRegistry:
        """The model versions."""

    @property
    def ledger(self) -> Ledger:
        """The forecasts as they were made."""

    @property
    def cache(self) -> Cache:
        """Where forecasts are kept for a while."""


class WithForecasts:
    """What forecasts are made from, opened on first use."""

    @opened_once
    def forecast_stores(self: WithStores) -> ForecastStores:
        """All of it."""
        markets = MarketStates(self.bars)
        return ForecastStores(self.bars, self.registry, markets, self.ledger, self.cache)
