"""The forecaster: learning from ten years, forecasting every ticker, and walking forward."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from core.evaluation.walk_forward.splits import last_origins
from core.models import create
from core.reference.schema import HORIZONS
from tests.benchmarks.measure import Figure, Size, measure, typical
from tests.support.backtests import backtest
from tests.support.bars import walks

_FIT_SECONDS, _LIVE_SECONDS, _WALK_SECONDS = 30.0, 1.0, 60.0
_WALK_SESSIONS, _SPAN = 36, 400  # sessions, of which every 4th is an origin


def har(size: Size) -> Iterator[Figure]:
    """`har` on walks that share nothing, bars in order as a store gives them; reading is apart."""
    warm = walks(2, size.sessions)
    create("har").fit(warm).predict(warm)  # kernels are compiled once a machine
    # The one with a bound comes first, for what a process once held it seldom gives back.
    for count in dict.fromkeys((size.tickers, size.few, size.many)):
        bars = walks(count, size.sessions, volatility=0.012)
        stored = bars.sort_values(["ticker", "session"], ignore_index=True)
        yield from _of(stored, count, count == size.tickers == 500)
    bars = walks(_WALK_SESSIONS, size.sessions, volatility=0.012)
    origins = last_origins(pd.DatetimeIndex(bars["session"].unique()), _SPAN)
    walk = partial(backtest, "har", bars, origins)
    what = f"walk forward, {_WALK_SESSIONS} tickers, of {len(origins)} origins"
    yield measure(what, len(origins), walk, _WALK_SECONDS)


def _of(bars: pd.DataFrame, count: int, whole: bool) -> Iterator[Figure]:
    fit, live = (_FIT_SECONDS, _LIVE_SECONDS) if whole else (0.0, 0.0)
    model = create("har")
    yield measure(f"fit on ten years a ticker, of {count}", count, partial(model.fit, bars), fit)
    forecasts = count * len(HORIZONS)
    yield typical(
        f"forecast, from {count} tickers' bars", forecasts, partial(model.predict, bars), live
    )
