"""Impossible dividends: paid twice, in other units, or without an effect on the price."""

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault
from core.reference.bar_holds import Hold

# No share pays the same twice within so few sessions; a moved ex date leaves a copy behind.
_APART = 5
_LARGE, _NOTICED = 0.10, 1 / 3
_UNITS, _MIN_OTHERS = 50.0, 3
# If the vendor's adjustment is less than half of what a dividend calls for, it left it out.
_DONE, _SEEN = 0.5, 1e-3


def dividend_findings(bars: pd.DataFrame, vendor: np.ndarray | None = None) -> list[CheckFinding]:
    """Dividends to be held back, and those a vendor's adjustment leaves out.

    Parameters
    ----------
    bars : one ticker's rows by session, split-adjusted: `close`, `dividend`.
    vendor : the vendor's own adjusted close, one a row, if it gave one. It is never used as a
        price; where it contradicts the dividends listed, a finding says what was done instead.
    """
    dividend, session = bars["dividend"].to_numpy(float), bars["session"]
    # A dividend is compared with the last price before it and the first one since.
    since = bars["close"].bfill().to_numpy(float)
    close = bars["close"].ffill().to_numpy(float)
    paid = np.flatnonzero(dividend > 0).tolist()
    before = np.r_[np.nan, close[:-1]]
    doubts: dict[int, Message] = {}
    for at, after in zip(paid[:-1], paid[1:], strict=True):
        if after - at <= _APART and np.isclose(dividend[at], dividend[after], rtol=1e-3):
            doubts[at] = Message(
                "bar.dividend-again",
                "The dividend of {dividend:.6g} is listed again on {session}.",
                {"dividend": float(dividend[at]), "session": _on(session, after)},
            )
    for at in paid:
        rest = np.setdiff1d(paid, at)
        median = np.median((dividend / before)[rest]) if len(rest) >= _MIN_OTHERS else np.nan
        share, fall = dividend[at] / before[at], 1.0 - since[at] / before[at]
        if max(share / median, median / share) > _UNITS:
            doubts[at] = Message(
                "bar.dividend-hundred-times",
                "The dividend of {dividend:.6g} is {percent:.2f} % of the price, the others "
                "{others:.2f} %: a 100x error in its units.",
                {
                    "dividend": float(dividend[at]),
                    "percent": float(100 * share),
                    "others": float(100 * median),
                },
            )
        if share > _LARGE and fall < share * _NOTICED:
            doubts[at] = Message(
                "bar.dividend-not-followed",
                "A dividend of {percent:.0f} % of the price is listed, but the price moved by "
                "{moved:+.1f} % only.",
                {"percent": float(100 * share), "moved": float(-100 * fall)},
            )
    found = [
        CheckFinding(Fault.DIVIDEND, np.array([at]), doubts[at], Hold.ACTIONS)
        for at in sorted(doubts)
    ]
    if vendor is not None:
        found += _left_out(session, close, dividend, vendor, set(doubts))
    return found


def _left_out(
    session: pd.Series,
    close: np.ndarray,
    dividend: np.ndarray,
    vendor: np.ndarray,
    held_back: set[int],
) -> list[CheckFinding]:
    """Rows that the vendor did not adjust for a later dividend; we do, so nothing is held."""
    factor = pd.Series(vendor / close).ffill().to_numpy()
    found = []
    for at in np.flatnonzero(dividend > 0).tolist():
        if at == 0 or at in held_back:
            continue
        due = dividend[at] / close[at - 1]
        done = 1.0 - factor[at - 1] / factor[at]
        if due > _SEEN and done < _DONE * due:
            message = Message(
                "bar.dividend-left-out",
                "The vendor's adjusted close leaves out the dividend of {dividend:.6g} of "
                "{session}; prices here are adjusted by the dividends themselves.",
                {"dividend": float(dividend[at]), "session": _on(session, at)},
            )
            priced = np.flatnonzero(np.isfinite(vendor[:at]))
            found.append(CheckFinding(Fault.DIVIDEND, priced, message, Hold.NONE))
    return found


def _on(session: pd.Series, at: int) -> str:
    return f"{session.iloc[at]:%Y-%m-%d}"
