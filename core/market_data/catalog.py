"""The tracked tickers: one row a ticker."""

import pandas as pd

from core.market_data.lake.bar_store import ParquetBars
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


def catalog(bars: ParquetBars) -> pd.DataFrame:
    """Every tracked ticker in alphabetical order, with `CATALOG_COLUMNS`.

    `name` is bilingual where both are known, empty where none is; `sessions` counts stored bars;
    `last_close` is raw, in the ticker's currency; `change` is from the close before as a ratio
    (0.01 is one percent), splits taken out, NaN where there is none.
    """
    stored = bars.load(adjusted=False)
    rows = []
    for symbol, own in stored.groupby("ticker", sort=True):
        ticker = Ticker.parse(symbol)
        rows.append(
            (
                ticker.symbol,
                display_name(ticker),
                ticker.market.code,
                ticker.currency,
                str(own["source"].iloc[-1]),
                own["session"].iloc[0],
                own["session"].iloc[-1],
                len(own),
                float(own["close"].iloc[-1]),
                _change(own),
            )
        )
    return pd.DataFrame(rows, columns=list(CATALOG_COLUMNS))


def display_name(ticker: Ticker) -> str:
    """What a ticker is called, bilingual where both names are known; empty where none is."""
    return name_of(ticker) or NAMES.get(ticker.symbol, "")


def _change(own: pd.DataFrame) -> float:
    if len(own) < 2:
        return float("nan")
    before, last = own.iloc[-2], own.iloc[-1]
    return float(last["close"] * last["split_ratio"] / before["close"] - 1.0)
