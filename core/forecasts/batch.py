"""Forecast tickers from their last sessions, as many in one go as there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache

import pandas as pd

from core.features.market_state import MarketState
from core.forecasts.forecast import Forecast
from core.forecasts.make import make_all
from core.forecasts.recalibrated import Correction, recalibrated
from core.forecasts.stores import ForecastStores
from core.foundation.errors import NotEnoughHistoryError, NotFoundError, TickerLensError
from core.market_data.lake.reading import ReadableBars
from core.reference.bar_holds import left_out
from core.reference.bar_sources import is_sample, sample_tickers
from core.reference.tickers import Ticker
from core.registry.horizon_skill import measured
from core.registry.versions import Serving

_TRIES = 3  # of a ticker whose bars are being written


@dataclass(frozen=True)
class Batch:
    """What came of some tickers, each in the order asked: a forecast or why there is none.

    `already` are those whose newest forecast was made before, and was not made again.
    """

    made: tuple[Forecast, ...] = ()
    failed: Mapping[Ticker, TickerLensError] = field(default_factory=dict)
    already: tuple[Ticker, ...] = ()


def forecast_batch(
    stores: ForecastStores,
    tickers: Sequence[Ticker],
    at: datetime,
    done: Mapping[tuple[str, int], date] | None = None,
) -> Batch:
    """Forecast tickers, reading each one's bars once; none depends on which others are asked for.

    Parameters
    ----------
    at : when the forecasts are made, an aware instant.
    done : by symbol and version, the newest session that a forecast was made from; from that
        session that version makes none again. None makes all.
    """
    read, market, failed = _read(stores, tickers)
    made: dict[Ticker, Forecast] = {}
    already: list[Ticker] = []
    for serving, those in _groups(stores, [one for one in tickers if one not in failed], read.bars):
        if serving is None:
            error = NotFoundError("champion.none-trained", "No model was trained yet.")
            failed |= dict.fromkeys(those, error)
            continue
        before = done or {}
        version = serving.model.version
        group = [
            one
            for one in those
            if before.get((one.symbol, version)) != read.last[one.symbol].date()
        ]
        already += [one for one in those if one not in group]
        own = read.bars
        if serving.specialist or len(group) < len(read.last):
            own = own[own["ticker"].isin([one.symbol for one in group])]
        found = make_all(
            serving.forecaster,
            measured(stores.registry, serving.model),
            own,
            group,
            at,
            None if serving.specialist else market,
            stores.calendars(),
        )
        for one, each in found.items():
            since = read.since.get(one.symbol)
            if isinstance(each, Forecast):
                made[one] = replace(each, since=since, warning=serving.warning)
            else:
                failed[one] = each if since is None else _too_young(each, since)
    made |= _recalibrated(stores, made)
    return Batch(tuple(made[one] for one in tickers if one in made), failed, tuple(already))


def _read(
    stores: ForecastStores, tickers: Sequence[Ticker]
) -> tuple[ReadableBars, MarketState, dict[Ticker, TickerLensError]]:
    """The bars of those that can be read, the market with these very bars in it, and why the
    others cannot be read."""
    for attempt in range(_TRIES):
        market = stores.market(again=attempt > 0)
        read = stores.bars.load_readable(tickers)
        stamps = stores.bars.stamps_of(tickers)
        if all(market.stamps.get(one.symbol) == stamps.get(one) for one in tickers):
            break
    failed: dict[Ticker, TickerLensError] = {}
    renames = stores.bars.renames()
    for one in tickers:
        try:
            renames.refuse(one)
            if one.symbol not in read.last:
                failed[one] = _unreadable(stores, one)
        except TickerLensError as error:
            failed[one] = error
    return read, market.state, failed


def _unreadable(stores: ForecastStores, ticker: Ticker) -> TickerLensError:
    try:
        stores.bars.load([ticker])  # says what is wrong with a damaged file
    except TickerLensError as error:
        return error
    return NotFoundError(
        "ticker.no-bars-yet",
        "{ticker} has no stored bars yet.",
        {"ticker": ticker},
        parameter="ticker",
    )


def _groups(
    stores: ForecastStores, tickers: Sequence[Ticker], bars: pd.DataFrame
) -> list[tuple[Serving | None, list[Ticker]]]:
    """Tickers that the same version forecasts, from the same market."""
    samples = cache(lambda: set(sample_tickers(bars)))
    groups: dict[int | str, tuple[Serving | None, list[Ticker]]] = {}
    for one, now in stores.servings.of(tickers, lambda one: one.symbol in samples()).items():
        alone = now is not None and bool(now.ticker)
        groups.setdefault(one.symbol if alone else id(now), (now, []))[1].append(one)
    return list(groups.values())


def _recalibrated(
    stores: ForecastStores, made: Mapping[Ticker, Forecast]
) -> dict[Ticker, Forecast]:
    """Those of a model on bars of one's own, by the scores of the live ones before them."""
    found, corrections = {}, dict[tuple[str, str, pd.Timestamp], Correction]()
    for ticker, one in made.items():
        if stores.ledger is not None and not is_sample(one.source) and not one.fallback:
            key = (ticker.market.calendar, one.model.name, one.as_of)
            if key not in corrections:
                corrections[key] = stores.correction(*key)
            found[ticker] = recalibrated(one, corrections[key])
    return found


def _too_young(error: TickerLensError, since: pd.Timestamp) -> TickerLensError:
    if not isinstance(error, NotEnoughHistoryError):
        return error
    return NotEnoughHistoryError(
        "forecast.stretch-too-young",
        "{too_young} {left_out}",
        {"too_young": error.sentence, "left_out": left_out(since)},
        parameter="ticker",
    )
