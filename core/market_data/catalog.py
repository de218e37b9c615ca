"""The tracked tickers: one row a ticker."""

from functools import lru_cache

import pandas as pd

from core.market_data.lake.bar_summary import session_of
from core.market_data.lake.lake_index import Summaries
from core.market_data.sources.sample import NAMES
from core.reference.instruments import name_of
from core.reference.tickers import Ticker

CATALOG_COLUMNS = (
    "ticker",
    "name",
    "market",
    "currency",
    "source",
    "first_session",
    "last_session",
    "sessions",
    "last_close",
    "change",
)


def catalog(stored: Summaries) -> pd.DataFrame:
    """Every tracked ticker in alphabetical order, with `CATALOG_COLUMNS`.

    `name` is bilingual where both are known, empty where none is; `sessions` counts stored bars;
    `last_close` is raw, in the ticker's currency; `change` is from the close before as a ratio
    (0.01 is one percent), splits taken out, NaN where there is none.
    """
    return _catalog(stored).copy()


def display_name(ticker: Ticker) -> str:
    """What a ticker is called, bilingual where both names are known; empty where none is."""
    return name_of(ticker) or NAMES.get(ticker.symbol, "")


@lru_cache(maxsize=2)
def _catalog(stored: Summaries) -> pd.DataFrame:
    rows = [
        (
            one.symbol,
            display_name(one.ticker),
            one.ticker.market.code,
            one.ticker.currency,
            one.source,
            session_of(one.first),
            session_of(one.last),
            one.count,
            one.last_close,
            one.change,
        )
        for one in stored
        if one.first is not None and one.last is not None
    ]
    return pd.DataFrame(rows, columns=list(CATALOG_COLUMNS))
