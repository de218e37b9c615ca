"""Three tickers of one market, none of which traded on a session that its calendar lists."""

import numpy as np
import pandas as pd

from core.reference.sessions import SHIPPED
from tests.support.bars import frame

CLOSED = pd.Timestamp("2022-03-09")
TAIWAN = ("2330.TW", "2317.TW", "2454.TW")


def taiwan() -> dict[str, pd.DataFrame]:
    """A year of each; one bar of the last ticker is a hundred times too high."""
    dates = SHIPPED["XTAI"].between(pd.Timestamp("2022-01-03"), pd.Timestamp("2022-12-30"))
    traded = dates[dates != CLOSED]
    found = {}
    for number, name in enumerate(TAIWAN):
        close = 100.0 + number + np.arange(len(traded)) % 3
        found[name] = frame(
            name, traded, close, open=close, high=close, low=close, volume=1_000_000
        )
    spoiled = found[TAIWAN[2]]
    spoiled.loc[spoiled.index[100], ["open", "high", "low", "close"]] *= 100.0
    return found
