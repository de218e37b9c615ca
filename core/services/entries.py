"""What checks find, as the register keeps it."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

import pandas as pd

from core.market.checks.finding import DUPLICATE, Finding
from core.schema import PRICE_COLUMNS, USABLE
from core.storage.quarantine import MENDED, OPEN, Entry
from core.tickers import Ticker

# What makes a bar what it is, beside whose it is and of which session.
VALUES = [*PRICE_COLUMNS, "volume", "dividend", "split_ratio"]


def entries_of(
    ticker: Ticker, frame: pd.DataFrame, found: Sequence[Finding], at: datetime
) -> list[Entry]:
    """An entry for each finding, in the same order.

    Parameters
    ----------
    frame : the rows that were checked, which the findings' positions count.
    """
    digests = _digests(frame)
    entries = []
    for one in found:
        first, last = frame.iloc[one.rows[0]], frame.iloc[one.rows[-1]]
        entries.append(
            Entry(
                ticker.symbol,
                str(first["source"]),
                one.code,
                first["session"].date(),
                last["session"].date(),
                len(one.rows),
                one.reason,
                one.held,
                digests(one.rows[0]),
                at,
                MENDED if one.held == USABLE else OPEN,
            )
        )
    return entries


def of_another_bar(entries: Sequence[Entry], stored: pd.DataFrame) -> list[Entry]:
    """Those of the entries that are not about the bar stored of their first session.

    Of a session that came twice one bar is stored, and a correction that failed a check is not.
    `stored` are rows of the entries' ticker, by session.
    """
    if not entries:
        return []
    digests, places = _digests(stored), pd.Index(stored["session"])
    at = places.get_indexer(pd.DatetimeIndex([entry.first for entry in entries]))
    return [
        entry
        for entry, row in zip(entries, at, strict=True)
        if row >= 0 and (entry.code == DUPLICATE or digests(row) != entry.digest)
    ]


def _digests(frame: pd.DataFrame) -> Callable[[int], str]:
    """The digest of a row's values, by its position."""
    values = frame[VALUES].to_numpy(float)
    return lambda row: hashlib.sha256(values[row].tobytes()).hexdigest()[:16]
