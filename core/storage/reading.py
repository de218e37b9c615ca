"""From what is stored to what a reader asked for: the same for every store of bars."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from core.adjust import adjust
from core.storage.held import usable
from core.tickers import Ticker


def named(tickers: Iterable[Ticker | str]) -> list[Ticker]:
    """The tickers of an argument, which may be one symbol, each once and in order."""
    if isinstance(tickers, str):
        tickers = [tickers]  # or each of its letters would be a ticker
    return sorted({one if isinstance(one, Ticker) else Ticker.parse(one) for one in tickers})


def shown(
    stored: pd.DataFrame,
    start: datetime | pd.Timestamp | None = None,
    end: datetime | pd.Timestamp | None = None,
    adjusted: bool = True,
) -> pd.DataFrame:
    """What may be read of the last known revisions.

    Parameters
    ----------
    stored : `BAR_COLUMNS` and `held`, sorted by (ticker, session), one row a session and every
        session of its tickers: actions outside of `start` to `end` count too.
    start, end, adjusted : as for `ParquetBars.load`.

    Returns
    -------
    The `bars` contract, sorted by (ticker, session).
    """
    bars = usable(stored)
    if adjusted:
        bars = adjust(bars)
    if start is not None:
        bars = bars[bars["session"] >= pd.Timestamp(start)]
    if end is not None:
        bars = bars[bars["session"] <= pd.Timestamp(end)]
    return bars.reset_index(drop=True)
