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
# A special dividend is believed where a fall by all of it is 400 times likelier than none (the log
# of the odds), and the price is within a few ordinary moves of it.
_SURE, _WITHIN = 6.0, 4.0
_AROUND, _MIN_AROUND = 60, 20
_NORMAL = 1.4826  # from a median absolute value to a standard deviation


def dividend_findings(bars: pd.DataFrame) -> list[CheckFinding]:
    """Dividends to be held back.

    Parameters
    ----------
    bars : one ticker's rows by session, split-adjusted: `close`, `dividend`.
    """
    dividend, session = bars["dividend"].to_numpy(float), bars["session"]
    # A dividend is compared with the last price before it and the first one since.
    since = bars["close"].bfill().to_numpy(float)
    close = bars["close"].ffill().to_numpy(float)
    paid = np.flatnonzero(dividend > 0).tolist()
    before = np.r_[np.nan, close[:-1]]
    ordinary = _ordinary(close, before)
    doubts: dict[int, Message] = {}
    for at, after in zip(paid[:-1], paid[1:], strict=True):
        if after - at <= _APART and np.isclose(dividend[at], dividend[after], rtol=1e-3):
            doubts[at] = Message(
                "bar.dividend-again",
                "The dividend of {dividend:.6g} is listed again on {session}.",
                {"dividend": float(dividend[at]), "session": session.iloc[after].date()},
            )
    for at in paid:
        rest = np.setdiff1d(paid, at)
        median = np.median((dividend / before)[rest]) if len(rest) >= _MIN_OTHERS else np.nan
        share, fall = dividend[at] / before[at], 1.0 - since[at] / before[at]
        wrong = max(share / median, median / share) > _UNITS
        if wrong and not _fell_by(share, fall, ordinary[at]):
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
    return [
        CheckFinding(Fault.DIVIDEND, np.array([at]), doubts[at], Hold.ACTIONS)
        for at in sorted(doubts)
    ]


def _fell_by(share: float, fall: float, ordinary: float) -> bool:
    """Whether the price fell by a dividend, all as shares of the price before.

    The squared distances of the fall from nothing and from the dividend, in ordinary moves: fall
    10.4 %, dividend 8 %, ordinary move 1.5 %: (0.104^2 - 0.024^2) / (2 x 0.015^2) = 22.8.
    """
    odds = (fall**2 - (fall - share) ** 2) / (2.0 * ordinary**2) if ordinary > 0 else np.nan
    return bool(odds > _SURE and abs(fall - share) < _WITHIN * ordinary)


def _ordinary(close: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The ordinary move of a session around each row, a robust deviation; NaN where none is known.

    Half a year around 2026-07-08 whose closes moved by 1.2 % in the median: 1.78 %.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = pd.Series(np.abs(close / before - 1.0))
    around = moves.rolling(2 * _AROUND + 1, min_periods=_MIN_AROUND, center=True).median()
    deviation: np.ndarray = _NORMAL * around.to_numpy(float)
    return deviation
