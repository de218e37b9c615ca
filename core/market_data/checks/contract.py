"""The rules that every row must keep by itself, as one pandera schema; all are evaluated.

Pandera costs two seconds to import, so it is imported when the first frame is checked.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault, in_runs
from core.reference.bar_holds import Hold
from core.reference.schema import PRICE_COLUMNS

# Vendors round each price for itself, and opening auctions lie a little outside of the day's range.
_ROUNDING = 0.005
MAX_PRICE = 1e12  # in any currency
MAX_SHARES = 1e15  # in a session; no exchange trades more, and each such number is exact
_REASONS = {
    "above_zero": (
        Fault.PRICE,
        Hold.PRICES,
        Message("bar.price", "A price is missing, zero, negative or more than any is."),
    ),
    "high_low": (
        Fault.RANGE,
        Hold.PRICES,
        Message("bar.high-below-low", "The high is below the low."),
    ),
    "inside": (
        Fault.RANGE,
        Hold.PRICES,
        Message(
            "bar.outside-range", "The open or the close lies outside of the range from low to high."
        ),
    ),
    "shares": (
        Fault.PRICE,
        Hold.PRICES,
        Message("bar.volume", "The volume is negative, or more than any exchange trades."),
    ),
    "payout": (
        Fault.DIVIDEND,
        Hold.ACTIONS,
        Message("bar.dividend", "The dividend is negative or not a number."),
    ),
    "ratio": (
        Fault.SPLIT,
        Hold.ACTIONS,
        Message("bar.split-ratio", "The split ratio is not a number above zero."),
    ),
    "once": (
        Fault.DUPLICATE,
        Hold.PRICES,
        Message("bar.twice", "The session came twice with different bars."),
    ),
}


def contract_findings(bars: pd.DataFrame) -> list[CheckFinding]:
    """Rows that break a rule of their own.

    Parameters
    ----------
    bars : one ticker's rows by session, with the price columns, `volume`, `dividend`,
        `split_ratio` and `session`. Open, high, low and volume may be NaN; close may not.
    """
    import pandera.errors

    frame = bars.reset_index(drop=True)
    try:
        _contract().validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        failed = errors.failure_cases[["check", "index"]].drop_duplicates()
    else:
        return []
    found = []
    for name, cases in failed.groupby("check", sort=True):
        code, hold, message = _REASONS[str(name)]
        bad = np.zeros(len(frame), bool)
        bad[cases["index"].to_numpy(int)] = True
        if code == Fault.DUPLICATE:
            found += [
                CheckFinding(code, rows, _twice(frame, rows), hold) for rows in _alike(frame, bad)
            ]
        else:
            found += in_runs(code, bad, message, hold)
    return found


def _alike(frame: pd.DataFrame, bad: np.ndarray) -> list[np.ndarray]:
    """Positions of the rows marked, those of a session together."""
    marked = np.flatnonzero(bad)
    return [marked[rows] for rows in frame[bad].groupby("session").indices.values()]


def _twice(frame: pd.DataFrame, rows: np.ndarray) -> Message:
    closes = " and ".join(
        "an unknown price" if np.isnan(close) else f"{close:.10g}"
        for close in frame["close"].iloc[rows]
    )
    return Message(
        "bar.twice-closes",
        "{twice} They close at {closes}; released, the last one counts.",
        {"twice": _REASONS["once"][2], "closes": closes},
    )


@lru_cache(maxsize=1)
def _contract() -> Any:
    import pandera.pandas as pandera

    rules = {
        "above_zero": _above_zero,
        "high_low": _high_low,
        "inside": _inside,
        "shares": lambda bars: ~((bars["volume"] < 0) | (bars["volume"] > MAX_SHARES)),
        "payout": lambda bars: np.isfinite(bars["dividend"]) & (bars["dividend"] >= 0),
        "ratio": lambda bars: np.isfinite(bars["split_ratio"]) & (bars["split_ratio"] > 0),
        "once": lambda bars: ~bars["session"].duplicated(keep=False),
    }
    numbers = (*PRICE_COLUMNS, "volume", "dividend", "split_ratio")
    return pandera.DataFrameSchema(
        {name: pandera.Column(float, nullable=True, coerce=True) for name in numbers},
        checks=[pandera.Check(rule, name=name, ignore_na=False) for name, rule in rules.items()],
    )


def _above_zero(bars: pd.DataFrame) -> pd.Series:
    sound = ~np.isnan(bars["close"].to_numpy())
    for name in PRICE_COLUMNS:
        sound &= ~(bars[name].to_numpy() <= 0) & ~(bars[name].to_numpy() > MAX_PRICE)
    return pd.Series(sound)


def _high_low(bars: pd.DataFrame) -> pd.Series:
    return pd.Series(~(bars["high"].to_numpy() < bars["low"].to_numpy()))


def _inside(bars: pd.DataFrame) -> pd.Series:
    """Whether open and close lie in the day's range; asked only of prices sound otherwise."""
    with np.errstate(over="ignore"):
        top = bars["high"].to_numpy() * (1 + _ROUNDING)
    bottom = bars["low"].to_numpy() * (1 - _ROUNDING)
    outside = np.zeros(len(bars), bool)
    for name in ("open", "close"):
        outside |= (bars[name].to_numpy() > top) | (bars[name].to_numpy() < bottom)
    return ~(pd.Series(outside) & _above_zero(bars) & _high_low(bars))
