"""What a recipe would have forecast in the past, fitted on no more than was known by then."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from core.evaluation.walk_forward.splits import walk_forward
from core.features.panel import Panel
from core.forecasts.forecast import Forecast
from core.forecasts.make import BASELINE
from core.foundation.errors import NotEnoughHistoryError
from core.models import Forecaster, create
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion

ByOrigin = Mapping[pd.Timestamp, frozenset[str]]


def replayed(
    recipe: Callable[[], Forecaster],
    model: ModelVersion,
    bars: pd.DataFrame,
    wanted: ByOrigin,
    at: datetime,
    calendars: Calendars,
) -> Iterator[list[Forecast]]:
    """The forecasts of each origin, walked forward over the past; those of one origin at a time.

    The recipe is fitted anew every 60 sessions, and learns only from targets that were known 20
    sessions before the first origin it then forecasts from. A forecast looks at no row after its
    origin. Bars are those that are stored today. The width is the recipe's own, not recalibrated.

    Parameters
    ----------
    recipe : gives the forecaster anew, not fitted.
    model : the version whose recipe it is.
    bars : the `bars` contract of the whole panel, raw.
    wanted : tickers by origin; an origin without any counts for when the recipe is fitted. Who is
        too young by then, or has no later session, is left out.
    at : when it is done, an aware instant.

    Raises
    ------
    InvalidInputError : an origin is no session of these bars.
    """
    panel = Panel.of(bars)
    sessions = pd.DatetimeIndex(np.unique(panel.session))
    origins = pd.DatetimeIndex(sorted(wanted))
    with threadpool_limits(limits=1, user_api="blas"):
        for fold in walk_forward(sessions, origins):
            due = {origin: wanted[origin] for origin in fold.origins if wanted[origin]}
            if not due:
                continue
            try:
                made_by = recipe().fit_panel(panel, fold.until)
            except NotEnoughHistoryError:
                continue  # the first folds of a young panel; later ones may do
            for origin, tickers in due.items():
                old = _old_enough(panel, origin, tickers, made_by)
                if old:
                    frames = [
                        by.predict_panel(panel, [origin], tickers=old, calendars=calendars)
                        for by in (made_by, create(BASELINE))
                    ]
                    yield _forecasts(made_by, model, frames, bars, at)


def _old_enough(
    panel: Panel, origin: pd.Timestamp, tickers: frozenset[str], forecaster: Forecaster
) -> list[str]:
    least = max(forecaster.min_observations, create(BASELINE).min_observations)
    rows = panel.rows_at([origin])
    last = panel.first[panel.code[rows] + 1] - 1
    rows = rows[(panel.age[rows] >= least) & (rows < last)]
    return [name for code in panel.code[rows] if (name := panel.tickers[code]) in tickers]


def _forecasts(
    made_by: Forecaster,
    model: ModelVersion,
    frames: list[pd.DataFrame],
    bars: pd.DataFrame,
    at: datetime,
) -> list[Forecast]:
    """One a ticker, from the frames of the recipe and of the baseline for one origin."""
    frame, baseline = ({str(name): own for name, own in one.groupby("ticker")} for one in frames)
    as_of = pd.Timestamp(frames[0]["as_of"].iloc[0])
    then = bars[bars["session"] == as_of]
    closes = dict(zip(then["ticker"], then["close"].astype(float), strict=True))
    sources = dict(zip(then["ticker"], then["source"].astype(str), strict=True))
    return [
        Forecast(
            ticker=Ticker(name),
            as_of=as_of,
            last_close=closes[name],
            source=sources[name],
            model=model,
            created_at=at,
            location=made_by.location,
            base_rate=(),
            spans=0,
            frame=own,
            baseline=baseline[name],
            skill=None,
            skill_scope="",
        )
        for name, own in frame.items()
    ]
