"""Check findings turned into quarantine entries."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

import pandas as pd

from core.market_data.checks.finding import CheckFinding, Fault
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.reference.bar_holds import Hold
from core.reference.schema import PRICE_COLUMNS
from core.reference.tickers import Ticker

# The values of a bar, without its ticker and session.
VALUES = [*PRICE_COLUMNS, "volume", "dividend", "split_ratio"]


def entries_of(
    ticker: Ticker, frame: pd.DataFrame, found: Sequence[CheckFinding], at: datetime
) -> list[QuarantineEntry]:
    """An entry for each finding, in the same order.

    Parameters
    ----------
    frame : the rows that were checked; the positions of the findings refer to it.
    """
    digests = _digests(frame)
    entries = []
    for one in found:
        first, last = frame.iloc[one.rows[0]], frame.iloc[one.rows[-1]]
        entries.append(
            QuarantineEntry(
                ticker.symbol,
                str(first["source"]),
                one.code,
                first["session"].date(),
                last["session"].date(),
                len(one.rows),
                one.reason,
                one.hold,
                digests(one.rows[0]),
                at,
                QuarantineStatus.REPAIRED if one.hold == Hold.NONE else QuarantineStatus.OPEN,
                message=one.message,
            )
        )
    return entries


def of_another_bar(
    entries: Sequence[QuarantineEntry], stored: pd.DataFrame
) -> list[QuarantineEntry]:
    """The entries that concern another bar than the one stored for their first session.

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
        if row >= 0 and (entry.code == Fault.DUPLICATE or digests(row) != entry.digest)
    ]


def _digests(frame: pd.DataFrame) -> Callable[[int], str]:
    """The digest of a row's values, by its position."""
    values = frame[VALUES].to_numpy(float)
    return lambda row: hashlib.sha256(values[row].tobytes()).hexdigest()[:16]
