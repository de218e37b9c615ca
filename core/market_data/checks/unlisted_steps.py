"""Steps between two sessions that nothing listed explains: nothing is joined across one of them.

A step is a question, and until it is answered the bars before it are another series than those
since. What counts as one depends on the exchange: Taiwan limits how far a close may go in a
session, elsewhere a step is a gap that opens overnight and that trading on the day does not
explain.
"""

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault
from core.market_data.checks.level_breaks import LevelBreaks
from core.reference.bar_holds import Hold
from core.reference.exchanges import TPEX, TWSE
from core.reference.tickers import Ticker

# In logarithms of the price. A 3:2 split is 0.41, less what the market does on the day.
_GAP = 0.28  # from the close before to the open
_BUSY_FALL = 0.38  # the same downwards on a day on which far more is traded, as after bad news;
# no news opens a price so far above its close, however lively the ticker
_MOVE = 0.7  # from close to close, however it came about
_BUSY, _MONEY_ROWS, _MIN_MONEY_ROWS = 4.0, 20, 5
# The ticker's own liveliness: so many times a robust deviation of its returns, which grows with
# the root of the sessions in between, and no more than a factor of five. However lively, no ticker
# opens 3:2 away from its close: so much less of the deviation counts for a gap.
_DEVIATIONS, _MAX_DEVIATION, _MAX_LOG_MOVE = 5.0, 0.076, np.log(5.0)
_AROUND, _MIN_AROUND = 60, 20
_HOLE = 250  # weekdays without a bar, after which the symbol may be another company's
_HOLIDAYS = 5  # weekdays from one session to the next, at most, that are no gap
_UNKNOWN = 0.02  # of a ticker with too few sessions to tell
_NORMAL = 1.4826  # from a median absolute value to a standard deviation

# Taiwan: how far a close may be from the one before, by the date on which the rule changed.
_LIMIT_SINCE = np.datetime64("2015-06-01")
_LIMIT, _EARLIER_LIMIT = 0.10, 0.07
_TICK = 0.01  # reference prices and closes are rounded to ticks
_LISTING = 5  # sessions from a listing on without a limit
# A share that goes further more often than this, in both directions, has no such limit.
_MOST_BEYOND, _MOST_BEYOND_SHARE = 3, 0.005


def step_findings(bars: pd.DataFrame, readable: np.ndarray, ticker: Ticker) -> list[CheckFinding]:
    """The first rows of new stretches, each with the question that parts it from what came before.

    Parameters
    ----------
    bars : one ticker's rows by session, split-adjusted, as for
        `core.market_data.checks.price_levels.level_findings`, and `open`.
    readable : bool, one a row: its prices may be read, so that a return is taken from it.
    ticker : whose exchange may have a limit.

    Returns
    -------
    One finding a step, its only row being the first one after it.
    """
    close = bars["close"].to_numpy(float)
    rows = np.flatnonzero(readable & np.isfinite(close) & (close > 0))
    if len(rows) < 2:
        return []
    moves = _Moves(bars, rows)
    apart = moves.unusual()
    limits = _limits(ticker, moves.session) if moves.may_be_limited(ticker) else None
    if limits is not None:
        limited = np.arange(len(limits)) >= _LISTING
        apart = np.where(limited, np.abs(moves.change) > limits + _TICK, apart)
    apart = apart | (moves.sessions >= _HOLE)
    breaks, found = LevelBreaks(bars), []
    for at in np.flatnonzero(apart):
        first, last = int(rows[at]), int(rows[at + 1])
        if moves.sessions[at] >= _HOLE:
            message = _reused(bars, breaks, first, last)
        else:
            message = _message(bars, breaks, first, last, None if limits is None else limits[at])
        found.append(CheckFinding(Fault.STEP, np.array([last]), message, Hold.STEP))
    return found


class _Moves:
    """From each readable row to the next: arrays of one less than there are rows."""

    def __init__(self, bars: pd.DataFrame, rows: np.ndarray) -> None:
        close, opened = (bars[name].to_numpy(float)[rows] for name in ("close", "open"))
        paid_so_far = bars["dividend"].cumsum().to_numpy(float)[rows]
        before, paid = close[:-1], np.diff(paid_so_far)
        opened = np.where(np.isfinite(opened[1:]) & (opened[1:] > 0), opened[1:], close[1:])
        self.session = bars["session"].to_numpy()[rows][1:]
        self.move = _nearer(np.log(close[1:] / before), np.log((close[1:] + paid) / before))
        self.gap = _nearer(np.log(opened / before), np.log((opened + paid) / before))
        self.change = np.expm1(self.move)
        days = bars["session"].to_numpy()[rows].astype("datetime64[D]")
        between = np.busday_count(days[:-1], days[1:])
        self.sessions = np.where(between <= _HOLIDAYS, 1, between)
        with np.errstate(over="ignore"):  # impossible volumes are held by another check
            money = pd.Series(close * bars["volume"].to_numpy(float)[rows])
        median_money = (
            money.where(money > 0).rolling(_MONEY_ROWS, min_periods=_MIN_MONEY_ROWS).median()
        )
        self.busy = (money / median_money.shift()).to_numpy()[1:] > _BUSY

    def unusual(self) -> np.ndarray:
        """Where a step is, on an exchange without limits."""
        least = np.where(self.busy, _BUSY_FALL, _GAP)
        deviation = _DEVIATIONS * np.sqrt(self.sessions)
        lively = deviation * self._deviation()
        beyond = np.maximum(least, np.minimum(lively, deviation * _MAX_DEVIATION))
        overnight_rise = (self.gap > 0) & (self.sessions == 1)
        beyond = np.minimum(np.where(overnight_rise, _GAP, beyond), _MAX_LOG_MOVE)
        far = np.abs(self.move) > np.minimum(np.maximum(_MOVE, lively), _MAX_LOG_MOVE)
        apart: np.ndarray = far | (np.abs(self.gap) > beyond)
        return apart

    def may_be_limited(self, ticker: Ticker) -> bool:
        """Whether closes keep the limits of an exchange that has some."""
        limits = _limits(ticker, self.session)
        if limits is None:
            return False
        beyond = self.change[np.abs(self.change) > limits + _TICK]
        both = (beyond > 0).any() and (beyond < 0).any()
        return not both or len(beyond) <= max(_MOST_BEYOND, _MOST_BEYOND_SHARE * len(self.change))

    def _deviation(self) -> np.ndarray:
        """A robust deviation of returns of one session around each move, else an ordinary one."""
        daily = pd.Series(np.where(self.sessions == 1, np.abs(self.move), np.nan))
        around = daily.rolling(2 * _AROUND + 1, min_periods=_MIN_AROUND, center=True).median()
        before = daily.rolling(_AROUND, min_periods=_MIN_AROUND).median()
        found: np.ndarray = (_NORMAL * around.fillna(before)).fillna(_UNKNOWN).to_numpy()
        return found


def _limits(ticker: Ticker, session: np.ndarray) -> np.ndarray | None:
    """How far each close may go, as a share; None where nothing is known to limit it.

    Funds of foreign or geared holdings, whose codes begin with 00 like those of the others, have
    other limits or none.
    """
    if ticker.market not in (TWSE, TPEX) or ticker.symbol.startswith("00"):
        return None
    limits: np.ndarray = np.where(session >= _LIMIT_SINCE, _LIMIT, _EARLIER_LIMIT)
    return limits


def _nearer(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A dividend is listed for its ex date but may not have moved the price: the smaller move."""
    nearer: np.ndarray = np.where(np.abs(other) < np.abs(one), other, one)
    return nearer


def _message(
    bars: pd.DataFrame, breaks: LevelBreaks, first: int, last: int, limit: float | None
) -> Message:
    split = breaks.unlisted_split(first, last)
    if split is not None:
        return split
    before, after = (float(bars["as_traded"].iloc[row]) for row in (first, last))
    close = bars["close"].to_numpy(float)
    change = float(100 * (close[last] / close[first] - 1.0))
    if limit is None:
        return breaks.question(first, last, {"change": change, "before": before, "after": after})
    return Message(
        "bar.beyond-limit",
        "The close moved by {change:+.1f} %, from {before:.6g} on {session} to {after:.6g}, where "
        "the exchange allows {limit:.0f} %: shares were split, joined or cut, or a dividend is "
        "not listed. What was it?",
        {
            "change": change,
            "before": before,
            "after": after,
            "session": breaks.on(first),
            "limit": 100 * limit,
        },
    )


def _reused(bars: pd.DataFrame, breaks: LevelBreaks, first: int, last: int) -> Message:
    before, after = (float(bars["as_traded"].iloc[row]) for row in (first, last))
    return Message(
        "bar.symbol-reused",
        "No bar came from {session}, when the close was {before:.6g}, to {again}, when it was "
        "{after:.6g}. Is it another company under the same symbol?",
        {
            "session": breaks.on(first),
            "again": breaks.on(last),
            "before": before,
            "after": after,
        },
    )
