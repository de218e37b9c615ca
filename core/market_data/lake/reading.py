"""Select and adjust what a reader asked for; shared by every store of bars."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from core.reference.adjustments import adjust
from core.reference.tickers import Ticker

EARLIEST, LATEST = -(2**63) + 1, 2**63 - 1


@dataclass(frozen=True)
class ReadableBars:
    """Raw bars; by symbol the last session of each, and the first of its newest stretch if it has
    a step."""

    bars: pd.DataFrame
    last: dict[str, pd.Timestamp]
    since: dict[str, pd.Timestamp]


def named(tickers: Iterable[Ticker | str]) -> list[Ticker]:
    """The tickers of an argument, which may be one symbol, each once and in order."""
    if isinstance(tickers, str):
        tickers = [tickers]  # or each of its letters would be a ticker
    return sorted({one if isinstance(one, Ticker) else Ticker.parse(one) for one in tickers})


def shown(
    bars: pd.DataFrame,
    start: datetime | pd.Timestamp | None = None,
    end: datetime | pd.Timestamp | None = None,
    adjusted: bool = True,
) -> pd.DataFrame:
    """What was asked for, out of every readable session of some tickers.

    Parameters
    ----------
    bars : the `bars` contract, raw, sorted by (ticker, session); actions outside of `start` to
        `end` count too.
    start, end, adjusted : as for `ParquetBars.load`.

    Returns
    -------
    The `bars` contract, sorted by (ticker, session).
    """
    if adjusted:
        bars = adjust(bars)
    if start is not None:
        bars = bars[bars["session"] >= pd.Timestamp(start)]
    if end is not None:
        bars = bars[bars["session"] <= pd.Timestamp(end)]
    return bars.reset_index(drop=True)


def nanoseconds(known_at: datetime | pd.Timestamp) -> int:
    """An aware instant since 1970, in a whole number of 64 bits: the ends of those beyond them."""
    at = pd.Timestamp(known_at).tz_convert("UTC")
    try:
        return int(at.as_unit("ns").value)
    except pd.errors.OutOfBoundsDatetime:
        return LATEST if at.year > 1970 else EARLIEST
