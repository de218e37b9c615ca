"""Which of a vendor's rows are bars: a session that has closed, with a close, on a sane date."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core import sessions
from core.market.unsplit import unsplit
from core.schema import PRICE_COLUMNS
from core.tickers import Market

# Closing auctions and corrections arrive after the bell.
_AFTER_CLOSE = timedelta(minutes=30)
_RECENT = timedelta(days=7)


def settled(rows: pd.DataFrame, market: Market, at: datetime) -> pd.DataFrame:
    """Raw bars of the sessions that had closed by `at`, from one ticker's split-adjusted rows.

    Parameters
    ----------
    rows : in order, with `session` (the exchange's own dates), the four prices, `volume`,
        `dividend` and `split_ratio`, all as `core.market.unsplit` wants them.
    at : an aware instant.

    Returns
    -------
    As traded, without the rows that have no close (missing or not above zero), that lie on a
    weekday when the exchange never trades, or whose session ended less than 30 minutes before
    `at`. What happened on a row without a close counts on the next one that has one. Open, high
    and low that are not above zero are NaN.
    """
    rows = rows.reset_index(drop=True)
    weekday = rows["session"].dt.weekday
    usable = (rows["close"] > 0) & weekday.isin(sessions.weekdays(market.calendar))
    prices = list(PRICE_COLUMNS)
    moved = _move_events(rows, usable.to_numpy())
    moved[prices] = moved[prices].where(moved[prices] > 0)
    today = pd.Timestamp(at.astimezone(market.timezone).date())
    kept = usable & (rows["session"] < today + _RECENT)
    for row in np.flatnonzero(kept & (rows["session"] > today - _RECENT)):
        kept[row] = _has_closed(rows["session"][row], market, at)
    bars: pd.DataFrame = unsplit(moved)[kept].reset_index(drop=True)
    return bars


def _move_events(rows: pd.DataFrame, usable: np.ndarray) -> pd.DataFrame:
    """Dividends and splits of unusable rows on the next usable one, if there is one."""
    moved = rows.copy()
    places = np.flatnonzero(usable)
    target = np.arange(len(rows))
    after = np.searchsorted(places, target)
    found = after < len(places)
    target[found] = places[after[found]]
    dividend, ratio = np.zeros(len(rows)), np.ones(len(rows))
    np.add.at(dividend, target, rows["dividend"].to_numpy(float))
    np.multiply.at(ratio, target, rows["split_ratio"].to_numpy(float))
    return moved.assign(dividend=dividend, split_ratio=ratio)


def _has_closed(session: pd.Timestamp, market: Market, at: datetime) -> bool:
    if not sessions.is_session(market.calendar, session):  # one not known of yet, or none
        return bool(at >= session.tz_localize(market.zone) + timedelta(days=1))
    return bool(at >= sessions.closes_at(market.calendar, session) + _AFTER_CLOSE)
