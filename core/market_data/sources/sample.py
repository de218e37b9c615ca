"""Bars shipped with the package: real US series, and one invented Taiwan one."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.foundation.errors import NotFoundError
from core.market_data.sources.source_contract import within
from core.market_data.sources.synthetic import synthetic_bars
from core.reference.bar_sources import BarSource
from core.reference.schema import typed_bars
from core.reference.synthetic_ticker import SYNTHETIC
from core.reference.tickers import Ticker

FILE = Path(__file__).parent / "data" / "stocks.csv.gz"
NAMES = {
    "AAPL": "Apple",
    "FB": "Facebook",
    "GOOG": "Google",
    "IBM": "International Business Machines",
    "MSFT": "Microsoft",
    SYNTHETIC.symbol: "示範公司 (synthetic)",
}
# A larger step of adjusted over raw close within the set is a split, and all of them were 2:1.
_SPLIT_STEP = 1.5


class SampleSource:
    """The sample set; see core/market_data/sources/data/PROVENANCE.md."""

    name: str = BarSource.SAMPLE

    def tickers(self) -> list[Ticker]:
        return [Ticker.parse(symbol) for symbol in sorted(NAMES)]

    def fetch(
        self,
        ticker: Ticker,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        at: datetime,
    ) -> pd.DataFrame:
        if ticker.symbol not in NAMES:
            raise NotFoundError(
                "sample.other-ticker",
                "{ticker} is not in the sample data, which holds {known}.",
                {"ticker": ticker, "known": sorted(NAMES)},
                parameter="ticker",
            )
        bars = synthetic_bars() if ticker == SYNTHETIC else _real(ticker.symbol)
        bars = bars.assign(source=self.name, ingested_at=pd.Timestamp(at))
        return within(typed_bars(bars, f"sample {ticker}"), start, end)


@lru_cache(maxsize=1)
def _file() -> pd.DataFrame:
    return pd.read_csv(FILE, parse_dates=["Date"]).sort_values(["Ticker", "Date"])


def _real(symbol: str) -> pd.DataFrame:
    rows = _file()[lambda frame: frame["Ticker"] == symbol].reset_index(drop=True)
    # The set has no event columns; an event is a step in adjusted over raw close.
    factor = (rows["Adj Close"] / rows["Close"]).to_numpy()
    step = np.r_[1.0, factor[1:] / factor[:-1]]
    split = step > _SPLIT_STEP
    # Adding zero turns the -0.0 that rounding leaves on ordinary sessions into 0.0.
    dividend = np.where(split, 0.0, np.round(rows["Close"] * (step - 1.0), 4)) + 0.0
    return pd.DataFrame(
        {
            "ticker": symbol,
            "session": rows["Date"],
            "open": rows["Open"],
            "high": rows["High"],
            "low": rows["Low"],
            "close": rows["Close"],
            "volume": rows["Volume"],
            "dividend": dividend,
            "split_ratio": np.where(split, 2.0, 1.0),
        }
    )
