"""Compare the sessions that the tickers of an exchange traded with its calendar."""

import numpy as np
import pandas as pd

from core.reference.session_overrides import Override, SessionChange
from core.reference.sessions import Calendar

FEWEST = 3  # witnesses without which nothing is concluded
_REGULAR = 0.9  # share of the sessions in its range that a witness trades on
# A witness of a date disagrees with the calendar on no more other dates of the year around it.
_MOST_OTHERS = 2
_NAMED = 5  # of those that were not heard
YEAR_AROUND = pd.Timedelta(days=366)
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
    sessions between, and in the year around the date it agrees with the calendar on all others but
    two. One that disagrees more often has bars of another exchange, or too few, and is not heard;
    the reason says so. At least `FEWEST` witnesses are needed, none of them may have traded on a
    removed session, and more than half must have on an added one.
    """
    traded = observed[observed["volume"] > 0]
    if calendar.code in _NEVER_CLOSED or traded.empty:
        return []
    known = calendar.between(traded["session"].min(), traded["session"].max())
    dates = known.union(pd.DatetimeIndex(traded["session"].unique()).as_unit("ns"))
    listed = np.asarray(dates.isin(known))
    rows, names = pd.factorize(traded["ticker"])
    seen = np.zeros((len(names), len(dates)), dtype=bool)
    seen[rows, dates.get_indexer(pd.DatetimeIndex(traded["session"]))] = True
    present = _witnesses(seen, listed)
    witness = present & (_others(present & (seen != listed), dates) <= _MOST_OTHERS)
    unheard = present & ~witness
    count, agreeing = witness.sum(axis=0), (witness & seen).sum(axis=0)
    removed = listed & (count >= FEWEST) & (agreeing == 0)
    added = ~listed & (count >= FEWEST) & (2 * agreeing > count)
    found = []
    for place in map(int, np.flatnonzero(removed | added)):
        change = SessionChange.REMOVED if removed[place] else SessionChange.ADDED
        reason = f"{agreeing[place]} of {count[place]} tickers traded"
        if unheard[:, place].any():
            unlike = ", ".join(names[unheard[:, place]][:_NAMED])
            reason += f"; not heard, as unlike the calendar on more dates: {unlike}"
        found.append(Override(calendar.code, dates[place].date(), change, reason))
    return found


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


def _others(differs: np.ndarray, dates: pd.DatetimeIndex) -> np.ndarray:
    """On how many other dates of the year around each one a ticker differs, as `differs`."""
    first = dates.searchsorted(dates - YEAR_AROUND / 2)
    last = dates.searchsorted(dates + YEAR_AROUND / 2, side="right")
    sums = np.pad(differs.cumsum(axis=1), ((0, 0), (1, 0)))
    others: np.ndarray = sums[:, last] - sums[:, first] - differs
    return others
