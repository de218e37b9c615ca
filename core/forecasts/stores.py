"""The stores that a forecast is made from, as part of every workspace."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

import pandas as pd

from core.forecasts.ledger.ledger import Ledger
from core.forecasts.market_states import MarketStates, StoredState
from core.forecasts.recalibrated import Correction
from core.forecasts.served import Servings
from core.foundation.caches.cache import Cache
from core.foundation.caches.edition_stamp import EditionStamp
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
    look : gives a text that changes with all of it, from memory where it can; when None, all of
        it is looked at each time.
    """

    bars: ParquetBars
    registry: ModelRegistry
    markets: MarketStates
    ledger: Ledger | None = None
    cache: Cache | None = None
    look: Callable[[], str] | None = None

    @cached_property
    def servings(self) -> Servings:
        """Which version forecasts which ticker."""
        return Servings(self.registry, self.look)

    def stamp(self) -> str:
        """A text that changes with the stored bars and the scores in the ledger."""
        if self.look is not None:
            return self.look()
        scores = "" if self.ledger is None else self.ledger.seals().scores_hash
        return f"{self.bars.stamp()} {scores}"

    def market(self, again: bool = False) -> StoredState:
        """The market of the bars; `again` if they are to be looked at, whatever the stamp says."""
        stamp = None if again or self.look is None else self.look()
        return self.markets.current(stamp)

    def correction(self, calendar: str, name: str, as_of: pd.Timestamp) -> Correction:
        """What the scores of live forecasts ask of those of a forecaster, see `Correction`.

        Parameters
        ----------
        calendar, name : only scores of its tickers, and of versions of this forecaster.
        as_of : only targets that had closed by this session.
        """
        if self.look is None:
            return self._read_correction("", calendar, name, as_of)
        return self._corrections(self.look(), calendar, name, as_of)

    def _read_correction(
        self, stamp: str, calendar: str, name: str, as_of: pd.Timestamp
    ) -> Correction:
        if self.ledger is None:
            return Correction.none()
        versions = self.servings.versions(name)
        return Correction.of(self.ledger.past_scores(calendar, versions, as_of))

    @cached_property
    def _corrections(self) -> Callable[[str, str, str, pd.Timestamp], Correction]:
        return lru_cache(maxsize=32)(self._read_correction)

    def calendars(self) -> Calendars:
        """The sessions that count."""
        return SHIPPED if self.ledger is None else self.ledger.calendars()


class WithSources(Protocol):
    """What has the bars, the versions and the ledger."""

    @property
    def bars(self) -> ParquetBars:
        """The lake of bars."""

    @property
    def registry(self) -> ModelRegistry:
        """The model versions."""

    @property
    def ledger(self) -> Ledger:
        """The forecasts as they were made."""


class WithStores(WithSources, Protocol):
    """What has all that a forecast is made with."""

    @property
    def cache(self) -> Cache:
        """Where forecasts are kept for a while."""

    @property
    def forecast_stamp(self) -> EditionStamp:
        """A text that changes with anything a forecast is made from."""


class WithForecasts:
    """What forecasts are made from, opened on first use."""

    @opened_once
    def forecast_stores(self: WithStores) -> ForecastStores:
        """All of it."""
        markets, look = MarketStates(self.bars), self.forecast_stamp.now
        return ForecastStores(self.bars, self.registry, markets, self.ledger, self.cache, look)
