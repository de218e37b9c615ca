"""One forecast from the stores of a home, as every door makes it."""

from datetime import datetime

from core.forecasts import serve
from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Ledger
from core.forecasts.market_states import MarketStates
from core.forecasts.stores import ForecastStores
from core.foundation.caches.cache import Cache
from core.market_data.lake.bar_store import ParquetBars
from core.reference.tickers import Ticker
from core.registry.registry import ModelRegistry


def forecast(
    bars: ParquetBars,
    registry: ModelRegistry,
    ticker: Ticker,
    at: datetime,
    cache: Cache | None = None,
    ledger: Ledger | None = None,
) -> Forecast:
    """What the champion says of a ticker; without a cache or a ledger unless they are given."""
    return serve.forecast(
        ForecastStores(bars, registry, MarketStates(bars), ledger, cache), ticker, at
    )
