"""Capital gains that a fund pays out: they count as dividends."""

import numpy as np
import pandas as pd

_SURE = 6.0  # log of how much likelier the one reading is: 400 to 1
_NORMAL = 1.4826  # from a median absolute value to a standard deviation
_MIN_MOVE, _MIN_SESSIONS = 0.002, 20


def with_capital_gains(rows: pd.DataFrame) -> pd.DataFrame:
    """One fund's rows with what it paid out of capital gains added to its dividends.

    Parameters
    ----------
    rows : by session, in units of one share throughout: `close`, `dividend` and `capital_gain`,
        the gain per share, 0 or NaN where none was paid.

    Returns
    -------
    A new frame without `capital_gain`. The gain is not added where the dividends hold it already:
    each is at least as large as the gain of its session, and prices fell by the dividends alone.
    Some vendors list it in both columns.
    """
    gain = rows["capital_gain"].fillna(0.0).to_numpy(float)
    dividend = rows["dividend"].to_numpy(float)
    paid = np.flatnonzero(gain > 0)
    if len(paid) and not _in_both(rows["close"].to_numpy(float), dividend, gain, paid):
        dividend = dividend + gain
    return rows.drop(columns="capital_gain").assign(dividend=dividend)


def _in_both(close: np.ndarray, dividend: np.ndarray, gain: np.ndarray, paid: np.ndarray) -> bool:
    """Whether prices fell by the dividends as listed, rather than by dividend and gain.

    The squared distance of each fall from either, in ordinary moves: fall 5.1 %, dividend 5 % with
    a gain of 4 % in it, ordinary move 1 %: (0.09 - 0.051)^2 - (0.05 - 0.051)^2 = 0.00152, by
    2 x 0.01^2 that is 7.6 in logarithms of the odds.
    """
    if (dividend[paid] < gain[paid]).any() or len(close) < _MIN_SESSIONS:
        return False
    before = np.r_[np.nan, close[:-1]]
    fall = 1.0 - close / before
    ordinary = max(_NORMAL * float(np.nanmedian(np.abs(fall))), _MIN_MOVE)
    alone, both = (amount / before for amount in (dividend, dividend + gain))
    odds = ((both - fall) ** 2 - (alone - fall) ** 2)[paid] / (2 * ordinary**2)
    return float(np.nansum(odds)) > _SURE
