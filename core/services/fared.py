"""How a ticker's past forecasts fared, as the ledger has it."""

from dataclasses import dataclass

import pandas as pd

from core.forecasts.ledger import LIVE, SAMPLE, Ledger
from core.models.metrics import coverage
from core.tickers import Ticker


@dataclass(frozen=True)
class Fared:
    """Past forecasts of one ticker, horizon and kind.

    Parameters
    ----------
    kind : "live", or "sample" where the bars are; replayed ones are in neither.
    rows : as `Ledger.fared`, one row a forecast, by target session.
    n : how many of them were scored, over `window`, first and last target session.
    coverage : share of those whose close ended inside the 80 % interval; NaN where n is 0.
    """

    kind: str
    rows: pd.DataFrame
    n: int
    window: str
    coverage: float


def fared(ledger: Ledger, ticker: Ticker, horizon: int, source: str) -> Fared:
    """Read the past forecasts of one ticker at one horizon.

    Parameters
    ----------
    source : where the ticker's bars come from; only forecasts from sample bars are shown beside
        sample bars, and only live ones beside others.
    """
    kind = SAMPLE if source == SAMPLE else LIVE
    rows = ledger.fared(ticker, kind)
    rows = rows[rows["horizon"] == horizon].sort_values("target_session", kind="stable")
    known = rows[rows["actual"].notna()]
    ends = known["target_session"].dt.strftime("%Y-%m-%d")
    window = f"{ends.iloc[0]}..{ends.iloc[-1]}" if len(known) else ""
    actual, low, high = (known[name].to_numpy() for name in ("actual", "low", "high"))
    share = coverage(actual, low, high)
    return Fared(kind, rows.reset_index(drop=True), len(known), window, share)
