"""What checks find, as the register keeps it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from core.market.checks.finding import Finding
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
    values = frame[VALUES].to_numpy(float)
    entries = []
    for one in found:
        first, last = frame.iloc[one.rows[0]], frame.iloc[one.rows[-1]]
        digest = hashlib.sha256(values[one.rows[0]].tobytes()).hexdigest()[:16]
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
                digest,
                at,
                MENDED if one.held == USABLE else OPEN,
            )
        )
    return entries
