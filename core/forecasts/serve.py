"""Forecast one ticker with the champion."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pandas as pd

from core.evaluation.walk_forward.provenance import METHOD
from core.features.market_state import MarketState
from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Ledger
from core.forecasts.make import make
from core.forecasts.recalibrated import recalibrated
from core.forecasts.serialize import pack, unpack
from core.forecasts.stores import ForecastStores
from core.foundation.errors import NotEnoughHistoryError, NotFoundError
from core.foundation.source_commit import VERSION
from core.market_data.lake.bar_store import ParquetBars
from core.reference.bar_holds import left_out
from core.reference.bar_sources import is_sample, sample_tickers
from core.reference.sessions import Calendar
from core.reference.tickers import Ticker
from core.registry.horizon_skill import measured
from core.registry.registry import ModelRegistry, Serving

_CACHE_SECONDS = 6 * 3600.0
_TRIES = 3  # of a ticker whose bars are being written


def forecast(
    stores: ForecastStores,
    ticker: Ticker,
    at: datetime,
    on_made: Callable[[Forecast], None] | None = None,
) -> Forecast:
    """What the champion says of the sessions after the ticker's last stored one.

    A ticker that has a specialist is forecast by it, from its own bars alone, as it was compared.
    Where the champion cannot serve, its file being corrupt or, for other bars, having learned
    from sample bars alone, the former one answers; its version is in the answer, and `warning`
    says so. Where no version can, the fallback forecaster answers, which `warning` says too.

    A ticker too young for it gets a simpler forecaster, or the mean of both where it can make
    something of the few sessions: `note` says so, and the skill of either is unknown.

    Parameters
    ----------
    on_made : is given the forecast when it is made, and not when it was found in the cache.

    Raises
    ------
    NotFoundError : the ticker has no bars, or no model was trained yet.
    InvalidInputError : the ticker has another symbol now.
    NotEnoughHistoryError : the ticker has too few bars for any forecaster.
    StorageError : the ticker's bars cannot be read.
    """
    bars, registry, cache = stores.bars, stores.registry, stores.cache
    bars.renames().refuse(ticker)
    if not bars.stamp_of(ticker):
        raise NotFoundError(
            "ticker.not-tracked",
            "{ticker} is not tracked here.",
            {"ticker": ticker},
            parameter="ticker",
        )
    serving = served(bars, registry, ticker)
    if serving is None:
        raise NotFoundError("champion.none-trained", "No model was trained yet.")
    champion = measured(registry, serving.model)
    calendars = stores.calendars()
    key, stamp = "", _stamp(stores)
    if cache is not None:
        # The key covers everything that a forecast is made from.
        model = f"{VERSION} {METHOD} {champion.sha256} {champion.version} {serving.fallback}"
        key = f"forecast {model} {stamp} {_hashed(calendars[ticker.market.calendar])} {ticker}"
        cached = cache.get(key)
        if cached is not None:
            with suppress(ValueError, KeyError, TypeError):  # not what was put there: made again
                return replace(unpack(cached, champion), warning=serving.warning)
    own, market = _own_and_market(stores, ticker, alone=bool(serving.specialist))
    since = bars.stretch_since(ticker)
    try:
        made = make(serving.forecaster, champion, own, ticker, at, market, calendars)
    except NotEnoughHistoryError as error:
        raise error if since is None else _too_young(error, since) from error
    made = replace(made, since=since)
    if stores.ledger is not None and not is_sample(made.source) and not made.fallback:
        made = recalibrated(made, _past_scores(stores.ledger, registry, made))
    if on_made is not None:
        on_made(made)
    if cache is not None and _stamp(stores) == stamp:  # else of later bars or scores
        cache.set(key, pack(made), _CACHE_SECONDS)
    return replace(made, warning=serving.warning)


def _own_and_market(
    stores: ForecastStores, ticker: Ticker, alone: bool
) -> tuple[pd.DataFrame, MarketState | None]:
    """A ticker's bars, and its market with these very bars in it; None where it is on its own."""
    for _ in range(_TRIES):
        market = None if alone else stores.markets.current()
        own = stores.bars.load([ticker], adjusted=False)  # says what is wrong with a damaged file
        if market is None or market.stamps.get(ticker.symbol) == stores.bars.stamp_of(ticker):
            break
    return own, None if market is None else market.state


def _too_young(error: NotEnoughHistoryError, since: pd.Timestamp) -> NotEnoughHistoryError:
    return NotEnoughHistoryError(
        "forecast.stretch-too-young",
        "{too_young} {left_out}",
        {"too_young": error.sentence, "left_out": left_out(since)},
        parameter="ticker",
    )


def served(bars: ParquetBars, registry: ModelRegistry, ticker: Ticker) -> Serving | None:
    """What forecasts a ticker: its specialist if it has one for these bars, else the champion.

    What learned from sample bars alone forecasts no others.
    """
    now = registry.serving(ticker.symbol)
    if now is None or not (now.model.card.sample or now.ticker or now.failed):
        return now  # serves any bars
    return registry.serving(ticker.symbol, of_sample(bars, ticker))


def of_sample(bars: ParquetBars, ticker: Ticker) -> bool:
    """Whether a ticker's stored bars are sample ones."""
    return bool(sample_tickers(bars.load([ticker], adjusted=False)))


def _stamp(stores: ForecastStores) -> str:
    """A text that changes with the stored bars and the scores in the ledger."""
    scores = "" if stores.ledger is None else stores.ledger.seals().scores_hash
    return f"{stores.bars.stamp()} {scores}"


def _past_scores(ledger: Ledger, registry: ModelRegistry, made: Forecast) -> pd.DataFrame:
    """Scores of the live forecasts whose targets had closed by the session this one is as of."""
    versions = [one.version for one in registry.versions() if one.name == made.model.name]
    calendar = made.ticker.market.calendar
    return ledger.past_scores(calendar, versions, made.as_of)


def _hashed(calendar: Calendar) -> str:
    """A text that changes with the sessions the exchange is known to hold."""
    return hashlib.sha256(calendar.sessions.to_numpy().tobytes()).hexdigest()
