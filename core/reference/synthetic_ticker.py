"""The one ticker of the sample that is no company, and what is left without it."""

import pandas as pd

from core.reference.tickers import Ticker

SYNTHETIC = Ticker.parse("9999.TW")


def real(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of real tickers, for an invented one says nothing of them; all if there are no others.

    `rows` has a column `ticker` and stays as it is.
    """
    found = rows[rows["ticker"] != SYNTHETIC.symbol]
    return found if len(found) else rows
