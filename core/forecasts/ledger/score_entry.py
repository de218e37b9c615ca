"""Score one forecast once its target sessions have closed."""

from datetime import datetime

import numpy as np
import pandas as pd

from core.evaluation.metrics.quantile_scores import quantile_scores
from core.forecasts.ledger.ledger import SCORE_COLUMNS, LedgerEntry
from core.reference.adjustments import adjust
from core.reference.sessions import Calendar, Calendars
from core.reference.tickers import Ticker

_MAX_WAIT_SESSIONS = 5  # sessions; then a listed one without a bar did not happen for this ticker


def score(
    entry: LedgerEntry, bars: pd.DataFrame, at: datetime, calendars: Calendars
) -> pd.DataFrame:
    """Score the horizons of one forecast that came since and have no score yet.

    Parameters
    ----------
    bars : the `bars` contract of this ticker, raw or adjusted, at least from `as_of` on.
    at : when it is scored, an aware instant.
    calendars : the sessions whose bars are waited for.

    Returns
    -------
    `SCORE_COLUMNS`, one row a horizon: `scored_session` is the h-th session that did come,
    `actual` its price in units of the close at `as_of`, dividends gone ex in between added back;
    the losses are mean pinball over `LEVELS`, `crps` and `width_80` a width, in log return;
    `pit` is the probability forecast for less than the actual, `inside_50`, `inside_80` and
    `inside_90` are 1.0 where it lay in the interval, else 0.0. NaN where it is unknown.
    Empty if nothing came, or if the bar of `as_of` is not stored any more. Where the bar of a
    listed session is missing, what comes after it waits until `_MAX_WAIT_SESSIONS` more have come:
    a score is never taken back, and a late bar would move every later horizon.
    """
    own = adjust(bars)
    at_origin = np.flatnonzero((own["session"] == entry.as_of).to_numpy())
    if not len(at_origin):
        return pd.DataFrame(columns=list(SCORE_COLUMNS))
    calendar = calendars[Ticker(entry.ticker).market.calendar]
    later = _arrived(own.iloc[int(at_origin[0]) + 1 :], entry, calendar)
    arrived = range(1, min(len(later), len(entry.returns)) + 1)
    horizons = np.array([h for h in arrived if h not in entry.scored], dtype=np.int64)
    origin_close = float(own["close"].iloc[int(at_origin[0])])
    actual = np.log(later["close"].to_numpy()[horizons - 1] / origin_close)
    quantiles, baseline = entry.returns[horizons - 1], entry.baseline[horizons - 1]
    scores = {
        "forecast_id": entry.id,
        "horizon": horizons,
        "scored_session": later["session"].dt.date.to_numpy()[horizons - 1],
        "actual": entry.last_close * np.exp(actual),
        "scored_at": at,
        **quantile_scores(actual, quantiles, baseline),
    }
    return pd.DataFrame(scores)[list(SCORE_COLUMNS)]


def _arrived(later: pd.DataFrame, entry: LedgerEntry, calendar: Calendar) -> pd.DataFrame:
    """The bars after the origin up to the first session whose own may still come."""
    if later.empty:
        return later
    session = later["session"]
    listed = calendar.between(entry.as_of, session.iloc[-1])
    missing = listed[(listed > entry.as_of) & ~listed.isin(session)]
    awaited = [one for one in missing if (session > one).sum() < _MAX_WAIT_SESSIONS]
    return later[session < awaited[0]] if awaited else later
