"""Lookahead: does a forecast change when the bars after it are cut off?"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.models.base import Forecaster

_ROUNDING = 1e-9


def find_lookahead(
    make: Callable[[], Forecaster], bars: pd.DataFrame, origins: Sequence[pd.Timestamp]
) -> Message | None:
    """Compare forecasts made with and without the bars that came after them.

    Parameters
    ----------
    make : gives the forecaster anew, not fitted.
    bars : the `bars` contract.
    origins : sessions to forecast from; what it learns from ends there too.

    Returns
    -------
    One sentence naming the first forecast that changes when later bars are cut off; None if none
    does. A forecast that cannot be made either way is no lookahead.

    Raises
    ------
    NotEnoughHistoryError : it cannot learn from what came up to an origin.
    """
    for origin in origins:
        known = bars[bars["session"] <= origin]
        full = _forecast(make(), bars, origin)
        cut = _forecast(make(), known.reset_index(drop=True), origin)
        same = np.isclose(full.to_numpy(), cut.to_numpy(), rtol=_ROUNDING, atol=0.0)
        if not same.all():
            ticker, horizon, _ = full.index[int(np.flatnonzero(~same)[0])]
            return Message(
                "gate.sees-the-future",
                "It sees the future: its forecast of {ticker} as of {as_of}, horizon {horizon}, "
                "is another once later bars are cut off.",
                {"ticker": ticker, "as_of": origin.date(), "horizon": horizon},
            )
    return None


def _forecast(
    forecaster: Forecaster, bars: pd.DataFrame, origin: pd.Timestamp
) -> "pd.Series[float]":
    forecaster.fit(bars, until=origin)
    old = bars[bars["session"] <= origin].groupby("ticker")["session"].agg(["size", "max"])
    eligible = old[(old["size"] >= forecaster.min_observations) & (old["max"] == origin)]
    found = forecaster.predict(bars, [origin], tickers=eligible.index.astype(str).tolist())
    return found.set_index(["ticker", "horizon", "quantile"])["price"]
