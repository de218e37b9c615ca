"""Where bars come from, by the names that are stored beside each of them."""

from enum import StrEnum

import pandas as pd


class BarSource(StrEnum):
    """A source of bars; `SAMPLE` is shipped with the program, all others are a person's own.

    `TWSE` is Taiwan's two exchanges, `BOTH` those and Yahoo compared with each other.
    """

    SAMPLE = "sample"
    CSV = "csv"
    YAHOO = "yahoo"
    TWSE = "twse"
    BOTH = "both"


# Those that are asked again and again for what is new.
_FEEDS = (BarSource.YAHOO, BarSource.TWSE, BarSource.BOTH)


def is_feed(source: str) -> bool:
    """Whether bars of this source are fetched by themselves, and not read from a file."""
    return source in _FEEDS


def is_sample(source: str) -> bool:
    """Whether bars of this source are shipped with the program, and so never today's market."""
    return source == BarSource.SAMPLE


def sample_rows(rows: pd.DataFrame) -> pd.Series:
    """Which rows are of sample bars, bool on the index; each row has a `source`."""
    return rows["source"].eq(BarSource.SAMPLE)


def sample_tickers(rows: pd.DataFrame) -> list[str]:
    """The tickers with a row of sample bars, in order of rows with `ticker` and `source`."""
    return [str(one) for one in rows.loc[sample_rows(rows), "ticker"].unique()]
