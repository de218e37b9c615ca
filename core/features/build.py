"""The features of every session as a frame."""

import pandas as pd

from core.features.panel import Panel
from core.features.spec import HAR


def build(bars: pd.DataFrame) -> pd.DataFrame:
    """Features of every (ticker, session), each from that session and earlier ones alone.

    Parameters
    ----------
    bars : the `bars` contract, raw or adjusted, in any row order; the input is not changed.

    Returns
    -------
    Long frame sorted by (ticker, session): `ticker`, `session`, then float64 columns named by
    `core.features.spec.HAR`. Nothing depends on the price's scale. Market columns are means over
    the tickers of the same calendar that have the session; with one ticker they repeat its own.
    NaN during the first `HAR.warm_up` sessions of a ticker.

    Raises
    ------
    SchemaError : the contract is broken, naming the column.
    InvalidInputError : a ticker belongs to no known calendar.
    """
    panel = Panel.of(bars)
    frame = pd.DataFrame(panel.features, columns=list(HAR.names))
    names = pd.Series(panel.tickers, dtype="str").take(panel.code)
    frame.insert(0, "ticker", names.reset_index(drop=True))
    frame.insert(1, "session", panel.session)
    return frame
