"""Which version forecasts a ticker."""

from collections.abc import Callable

from core.reference.tickers import Ticker
from core.registry.registry import ModelRegistry
from core.registry.versions import Serving


def served(
    registry: ModelRegistry, ticker: Ticker, of_sample: Callable[[], bool]
) -> Serving | None:
    """What forecasts a ticker: its specialist if it has one for these bars, else the champion.

    What learned from sample bars alone forecasts no others.

    Parameters
    ----------
    of_sample : whether its stored bars are sample ones; asked only where it matters.
    """
    now = registry.serving(ticker.symbol)
    if now is None or not (now.model.card.sample or now.ticker or now.failed):
        return now  # serves any bars
    return registry.serving(ticker.symbol, of_sample())
