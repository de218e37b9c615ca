"""Compare the sessions that the tickers of an exchange traded with its calendar."""

import numpy as np
import pandas as pd

from core.reference.session_overrides import Override, SessionChange
from core.reference.sessions import Calendar

FEWEST = 3  # witnesses without which nothing is concluded
_REGULAR = 0.9  # share of the sessions in its range that a witness trades on
# A longer gap than any unscheduled closure is missing data.
_LONGEST = 5
_NEVER_CLOSED = ("24/5", "24/7")


def reconcile(calendar: Calendar, observed: pd.DataFrame) -> list[Override]:
    """Sessions that a calendar lists and nobody traded on, and dates on which most did unlisted.

    Parameters
    ----------
    calendar : of an exchange, as it is known so far.
    observed : `ticker`, `session` and `volume` of tickers of that calendar, in any order; a row
        with no volume (zero or NaN) is no trade.

    Returns
    -------
    In order of dates. A witness of a date traded before and after it and on nine in ten of the
    sessions between. At least `FEWEST` must have seen a date, none of them may have traded on a
    removed session, and more than half must have on an added one. More than five sessions in a
    row are never removed.
    """
    traded = observed[observed["volume"] > 0]
    if calendar.code in _NEVER_CLOSED or traded.empty:
        return []
    known = calendar.between(traded["session"].min(), traded["session"].max())
    dates = known.union(pd.DatetimeIndex(traded["session"].unique()).as_unit("ns"))
    listed = np.asarray(dates.isin(known))
    seen = _seen(traded, dates)
    witness = _witnesses(seen, listed)
    count, agreeing = witness.sum(axis=0), (witness & seen).sum(axis=0)
    removed = _short(listed & (count >= FEWEST) & (agreeing == 0), listed)
    added = ~listed & (count >= FEWEST) & (2 * agreeing > count)
    found = []
    for place in map(int, np.flatnonzero(removed | added)):
        change = SessionChange.REMOVED if removed[place] else SessionChange.ADDED
        reason = f"{agreeing[place]} of {count[place]} tickers traded"
        found.append(Override(calendar.code, dates[place].date(), change, reason))
    return found


def _seen(traded: pd.DataFrame, dates: pd.DatetimeIndex) -> np.ndarray:
    """Whether each ticker (rows) traded on each date (columns)."""
    rows, names = pd.factorize(traded["ticker"])
    seen = np.zeros((len(names), len(dates)), dtype=bool)
    seen[rows, dates.get_indexer(pd.DatetimeIndex(traded["session"]))] = True
    return seen


def _witnesses(seen: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """Whether each ticker (rows) is a witness of each date (columns)."""
    places = np.arange(seen.shape[1])
    first = seen.argmax(axis=1)[:, None]
    last = seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)[:, None]
    inside: np.ndarray = (places > first) & (places < last)
    due = (inside & listed).sum(axis=1)
    regular = (inside & listed & seen).sum(axis=1) >= _REGULAR * due
    witness: np.ndarray = inside & regular[:, None]
    return witness


def _short(missing: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """Missing sessions without those in runs too long to be a closure."""
    short = missing.copy()
    places = np.flatnonzero(listed)
    run: list[int] = []
    for place in [*places, -1]:
        if place >= 0 and missing[place]:
            run.append(place)
            continue
        if len(run) > _LONGEST:
            short[run] = False
        run = []
    return short
