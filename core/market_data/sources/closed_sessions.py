"""Select the vendor's rows that are bars: those of sessions that have closed."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core.market_data.sources.undo_splits import undo_splits
from core.reference.sessions import Calendar, Calendars
from core.reference.tickers import Market

# Closing auctions and corrections arrive after the close.
_AFTER_CLOSE = timedelta(minutes=30)
_RECENT = timedelta(days=7)


def closed_sessions(
    rows: pd.DataFrame, market: Market, at: datetime, calendars: Calendars
) -> pd.DataFrame:
    """Raw bars of the sessions that had closed by `at`, from one ticker's split-adjusted rows.

    Parameters
    ----------
    rows : in order, with `session` (the exchange's own dates), the four prices, `volume`,
        `dividend` and `split_ratio`, all as `core.market_data.sources.undo_splits` wants them.
    at : an aware instant.

    Returns
    -------
    As traded. Two kinds of rows are left out: those whose session ended less than 30 minutes before
    `at`, and those without a close on a day that is no session. A dividend or split of the latter
    counts on the next bar. Prices are not checked here: missing ones, and ones not above zero, stay
    as they are.
    """
    rows = rows.reset_index(drop=True)
    calendar = calendars[market.calendar]
    says = rows["close"].notna() | rows["session"].isin(calendar.sessions)
    moved = _move_events(rows, says.to_numpy())
    closed = says.to_numpy(bool) & have_closed(rows["session"], market, at, calendar)
    bars: pd.DataFrame = undo_splits(moved)[closed].reset_index(drop=True)
    return bars


def have_closed(
    sessions: pd.Series, market: Market, at: datetime, calendar: Calendar
) -> np.ndarray:
    """Whether each session ended at least 30 minutes before `at`; bool, one a session."""
    today = pd.Timestamp(at.astimezone(market.timezone).date())
    closed = (sessions < today + _RECENT).to_numpy(copy=True)
    for row in np.flatnonzero(closed & (sessions > today - _RECENT).to_numpy()):
        closed[row] = _has_closed(sessions.iloc[row], market, at, calendar)
    return closed


def _move_events(rows: pd.DataFrame, says: np.ndarray) -> pd.DataFrame:
    """Move dividends and splits of the rows that are left out to the next bar, if there is one."""
    moved = rows.copy()
    places = np.flatnonzero(says)
    target = np.arange(len(rows))
    after = np.searchsorted(places, target)
    found = after < len(places)
    target[found] = places[after[found]]
    dividend, ratio = np.zeros(len(rows)), np.ones(len(rows))
    np.add.at(dividend, target, rows["dividend"].to_numpy(float))
    np.multiply.at(ratio, target, rows["split_ratio"].to_numpy(float))
    return moved.assign(dividend=dividend, split_ratio=ratio)


def _has_closed(session: pd.Timestamp, market: Market, at: datetime, calendar: Calendar) -> bool:
    if not calendar.is_session(session):  # one not known of yet, or none
        return bool(at >= session.tz_localize(market.zone) + timedelta(days=1))
    return bool(at >= calendar.closes_at(session) + _AFTER_CLOSE)
