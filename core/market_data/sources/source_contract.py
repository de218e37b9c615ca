"""What every source of bars offers."""

from datetime import datetime
from typing import Protocol

import pandas as pd

from core.reference.tickers import Ticker


class Source(Protocol):
    """A place to fetch bars from; `name` is written into every bar it gives."""

    name: str

    def tickers(self) -> list[Ticker] | None:
        """Everything the source holds, in alphabetical order; None if that cannot be listed."""

    def fetch(
        self,
        ticker: Ticker,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        at: datetime,
    ) -> pd.DataFrame:
        """The ticker's bars from `start` to `end`, both included, stamped as ingested `at`.

        Columns more than those of `bars` are what a source knows beside them: `vendor_close`, its
        own adjusted close, and `note`, a `Message` on how it came by a bar.

        Raises
        ------
        NotFoundError : the source does not hold the ticker.
        SourceError : the source failed; `UnavailableError` and `RateLimitedError` say more.
        SchemaError : the source answered with bars that break the contract.
        """


def within(
    bars: pd.DataFrame, start: pd.Timestamp | None, end: pd.Timestamp | None
) -> pd.DataFrame:
    """The rows of a `bars` frame from `start` to `end`, both included."""
    inside = pd.Series(True, index=bars.index)
    if start is not None:
        inside &= bars["session"] >= start
    if end is not None:
        inside &= bars["session"] <= end
    return bars[inside].reset_index(drop=True)
