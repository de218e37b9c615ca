"""Make the forecasts of tickers from their last sessions, beside the baseline's."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
import pandas as pd

from core.features.market_state import MarketState
from core.features.panel import Panel
from core.forecasts.fallback import averaged, choose_fallback, fallback
from core.forecasts.forecast import Forecast
from core.foundation.errors import NotFoundError, TickerLensError
from core.foundation.messages import Message
from core.models import Forecaster, create
from core.models.width_drivers import drivers
from core.reference.bar_sources import is_sample
from core.reference.schema import HORIZONS, LEVELS, validate_bars
from core.reference.sessions import SHIPPED, Calendars
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion

BASELINE = "random_walk"


def make(
    forecaster: Forecaster | None,
    model: ModelVersion,
    bars: pd.DataFrame,
    ticker: Ticker,
    at: datetime,
    market: MarketState | None = None,
    calendars: Calendars = SHIPPED,
) -> Forecast:
    """`make_all` for one ticker, from bars in any order.

    Raises
    ------
    SchemaError : the contract of the bars is broken.
    NotFoundError : the ticker has no bars.
    NotEnoughHistoryError : it has too few for any forecaster.
    """
    checked = validate_bars(bars)
    made = make_all(forecaster, model, checked, [ticker], at, market, calendars)[ticker]
    if isinstance(made, TickerLensError):
        raise made
    return made


def make_all(
    forecaster: Forecaster | None,
    model: ModelVersion,
    bars: pd.DataFrame,
    tickers: Sequence[Ticker],
    at: datetime,
    market: MarketState | None = None,
    calendars: Calendars = SHIPPED,
) -> dict[Ticker, Forecast | TickerLensError]:
    """Forecast every horizon from the last session of each ticker.

    A ticker that has too few sessions for the forecaster gets a simpler one, or the mean of both
    where the forecaster can make something of the few; either says so.

    Parameters
    ----------
    forecaster : None where no version can serve the tickers: then the fallback forecaster does.
    model : the version asked, or that was to serve.
    bars : the `bars` contract, raw, as a store gives them: sorted by (ticker, session), and checked
        when they were stored. Rows of others are their market.
    at : when the forecasts are made, an aware instant.
    market : of all tickers, see `core.features.panel.Panel.of`; when None, it is made of the bars.
    calendars : the sessions that count, for the target of each horizon.

    Returns
    -------
    For each ticker its forecast, or the `NotFoundError` or `NotEnoughHistoryError` that says why
    there is none.
    """
    found: dict[Ticker, Forecast | TickerLensError] = {}
    panel = Panel.of_valid(bars, market)
    last = bars.iloc[panel.first[1:] - 1].set_index(pd.Index(panel.tickers))
    made_by = []
    for ticker in tickers:
        try:
            made_by.append(_choose(forecaster, model, panel, ticker, last))
        except TickerLensError as error:
            found[ticker] = error
    chosen = [(one.ticker, one.chosen) for one in made_by]
    frames = _predicted(panel, chosen, calendars, at, {forecaster: str(model.version)})
    baselines = [(one.ticker, one.baseline) for one in made_by]
    baseline_frames = _predicted(panel, baselines, calendars, at)
    drivers = _drivers(panel, made_by)
    for one in made_by:
        symbol = one.ticker.symbol
        learned = model.card.knows(symbol, one.source) and not one.note
        own_skill = model.card.skill_by_ticker.get(symbol) if learned else None
        rows = slice(int(panel.first[one.code]), int(panel.first[one.code + 1]))
        found[one.ticker] = Forecast(
            ticker=one.ticker,
            as_of=pd.Timestamp(last["session"][symbol]),
            last_close=float(last["close"][symbol]),
            source=one.source,
            model=model,
            created_at=at,
            location=one.chosen.location,
            base_rate=_rises(panel.log_close[rows], HORIZONS),
            spans=rows.stop - rows.start - 1,
            frame=frames[symbol],
            baseline=baseline_frames[symbol],
            skill=None if one.note else own_skill or model.card.skill,
            skill_scope=symbol if own_skill else model.card.scope,
            fallback=one.alone.name if one.note else "",
            short_history=bool(one.note) and forecaster is not None,
            averaged=one.averaged,
            note=one.note,
            drivers=drivers[symbol],
        )
    return {ticker: found[ticker] for ticker in tickers}


@dataclass(frozen=True)
class _MadeBy:
    """Who forecasts a ticker: `chosen`, which `alone` is unless it is averaged with another."""

    ticker: Ticker
    code: int
    source: str
    chosen: Forecaster
    alone: Forecaster
    baseline: Forecaster
    note: Message | None

    @property
    def averaged(self) -> bool:
        return self.chosen is not self.alone


def _choose(
    forecaster: Forecaster | None,
    model: ModelVersion,
    panel: Panel,
    ticker: Ticker,
    last: pd.DataFrame,
) -> _MadeBy:
    if ticker.symbol not in last.index:
        raise NotFoundError(
            "ticker.no-bars-yet",
            "{ticker} has no stored bars yet.",
            {"ticker": ticker},
            parameter="ticker",
        )
    code = panel.tickers.index(ticker.symbol)
    row = int(panel.first[code + 1]) - 1
    sessions, source = int(panel.age[row]), str(last["source"][ticker.symbol])
    note: Message | None
    if forecaster is None:
        alone, note = fallback(ticker, sessions)
    else:
        alone, note = choose_fallback(forecaster, ticker, sessions)
    chosen = alone
    # What learned from sample bars alone says nothing of others.
    if forecaster is not None and note and (is_sample(source) or not model.card.sample):
        chosen, note = averaged(forecaster, model, alone, panel, row) or (alone, note)
    baseline, _ = choose_fallback(create(BASELINE), ticker, sessions)
    return _MadeBy(ticker, code, source, chosen, alone, baseline, note)


def _predicted(
    panel: Panel,
    wanted: list[tuple[Ticker, Forecaster]],
    calendars: Calendars,
    at: datetime,
    versions: Mapping[Forecaster | None, str] = MappingProxyType({}),
) -> dict[str, pd.DataFrame]:
    """The frame of each ticker by its forecaster; those that share one are forecast in one go.

    `versions` says what a forecaster is called, those that are not in it by their own names.
    """
    shared: dict[str, tuple[Forecaster, list[str]]] = {}
    for ticker, forecaster in wanted:
        # Those that learn nothing are made anew for each ticker; one of a name is as another.
        shared.setdefault(forecaster.name, (forecaster, []))[1].append(ticker.symbol)
    found = {}
    for forecaster, symbols in shared.values():
        frame = forecaster.predict_panel(panel, tickers=symbols, calendars=calendars)
        frame["model_version"] = versions.get(forecaster, forecaster.name)
        frame["created_at"] = pd.Timestamp(at)
        a_ticker = len(HORIZONS) * len(LEVELS)
        for number, symbol in enumerate(sorted(symbols) if len(symbols) > 1 else ()):
            own = frame.iloc[number * a_ticker : (number + 1) * a_ticker]
            found[symbol] = own.reset_index(drop=True)
        if len(symbols) == 1:
            found[symbols[0]] = frame
    return found


def _drivers(panel: Panel, made_by: list[_MadeBy]) -> dict[str, pd.DataFrame | None]:
    return {
        one.ticker.symbol: drivers(one.chosen, panel, int(panel.first[one.code + 1]) - 1)
        for one in made_by
    }


def _rises(log_close: np.ndarray, horizons: Sequence[int]) -> tuple[float, ...]:
    """Share of past spans of so many sessions that ended higher; NaN where there was none."""
    spans = [log_close[ahead:] - log_close[:-ahead] for ahead in horizons]
    return tuple(float((span > 0).mean()) if len(span) else math.nan for span in spans)
