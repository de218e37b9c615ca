"""Forecast one ticker with the champion."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from core.evaluation.walk_forward.provenance import METHOD
from core.forecasts.batch import forecast_batch
from core.forecasts.forecast import Forecast
from core.forecasts.serialize import pack, unpack
from core.forecasts.stores import ForecastStores
from core.foundation.errors import NotFoundError
from core.foundation.source_commit import VERSION
from core.market_data.lake.bar_store import ParquetBars
from core.reference.bar_sources import sample_tickers
from core.reference.sessions import Calendar
from core.reference.tickers import Ticker
from core.registry.horizon_skill import measured
from core.registry.versions import ModelVersion

_CACHE_SECONDS = 4 * 24 * 3600.0  # what the night made, over a long weekend


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
    if not bars.stamps_of([ticker]):
        raise NotFoundError(
            "ticker.not-tracked",
            "{ticker} is not tracked here.",
            {"ticker": ticker},
            parameter="ticker",
        )
    serving = stores.servings.of([ticker], partial(of_sample, bars))[ticker]
    if serving is None:
        raise NotFoundError("champion.none-trained", "No model was trained yet.")
    champion = measured(registry, serving.model)
    calendars = stores.calendars()
    key, stamp = "", stores.stamp()
    if cache is not None:
        calendar = calendars[ticker.market.calendar]
        key = _cache_key(champion, serving.fallback, stamp, calendar, ticker)
        cached = cache.get(key)
        if cached is not None:
            with suppress(ValueError, KeyError, TypeError):  # not what was put there: made again
                return replace(unpack(cached, champion), warning=serving.warning)
    batch = forecast_batch(stores, [ticker], at)
    if not batch.made:
        raise batch.failed[ticker]
    made = batch.made[0]
    if on_made is not None:
        on_made(made)
    same = made.model == champion and stores.stamp() == stamp  # else of later bars or scores
    if cache is not None and same:
        cache.set(key, pack(made), _CACHE_SECONDS)
    return made


def packed(stores: ForecastStores, made: Iterable[Forecast], stamp: str) -> dict[str, bytes]:
    """Forecasts of a batch as `keep` takes them.

    What a fallback made is left out: it does not say whether a version could have served.

    Parameters
    ----------
    stamp : as `ForecastStores.stamp` gave it before the batch was made.
    """
    calendars, found = stores.calendars(), {}
    for one in made:
        if not one.fallback:
            calendar = calendars[one.ticker.market.calendar]
            found[_cache_key(one.model, False, stamp, calendar, one.ticker)] = pack(one)
    return found


def keep(stores: ForecastStores, packed: Mapping[str, bytes], stamp: str) -> None:
    """Keep forecasts of a batch, as `forecast` keeps its own; none if the stamp is another now."""
    if stores.cache is not None and stores.stamp() == stamp:
        stores.cache.set_all(packed, _CACHE_SECONDS)


def of_sample(bars: ParquetBars, ticker: Ticker) -> bool:
    """Whether a ticker's stored bars are sample ones."""
    return bool(sample_tickers(bars.load([ticker], adjusted=False)))


def _cache_key(
    model: ModelVersion, fallback: bool, stamp: str, calendar: Calendar, ticker: Ticker
) -> str:
    """Covers everything that a forecast is made from; `fallback` where no version could serve."""
    made_by = f"{VERSION} {METHOD} {model.sha256} {model.version} {fallback}"
    return f"forecast {made_by} {stamp} {_hashed(calendar)} {ticker}"


def _hashed(calendar: Calendar) -> str:
    """A text that changes with the sessions the exchange is known to hold."""
    return hashlib.sha256(calendar.sessions.to_numpy().tobytes()).hexdigest()
