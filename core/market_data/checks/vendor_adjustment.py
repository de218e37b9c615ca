"""The vendor's own adjusted close as a witness of the dividends and splits that it lists.

It is never used as a price. From one session to the next it says what the vendor took for paid
out; where that is not what is listed, an action is missing, doubled or in another unit.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault
from core.market_data.checks.unknown_actions import NO_COMPARISON, OTHER_CHANGE
from core.reference.bar_holds import Hold
from core.reference.bar_sources import BarSource

_LEAST = 0.005  # of the price; by less a rounding or another formula may differ
_LARGE = 0.05  # a payout of this size that nobody listed parts what came before
_SHARE = 0.25  # of what is listed: Yahoo divides by the close before, CRSP by that of the ex date
# If the vendor's adjustment is less than half of what a dividend calls for, it left it out.
_DONE, _SEEN = 0.5, 1e-3
_ALIKE = 0.1  # of an amount, within which two are the same
_LASTS = 3  # sessions on either side that have to bear it out, or one adjusted close is wrong
_DECIMALS, _FLOAT = 6, 2.0**-23
_RANGE_ROWS, _MIN_RANGE_ROWS = 61, 20
# The codes of questions that are found as bars arrive: what shows them is not stored.
UNIT = "bar.dividend-unit"
_BY_VENDOR = (
    "bar.payout-implied",
    "bar.joined-shares-implied",
    "bar.dividend-twice",
    "bar.dividend-other",
)
WITNESSED = (*_BY_VENDOR, UNIT, NO_COMPARISON, OTHER_CHANGE)


def vendor_findings(
    bars: pd.DataFrame, vendor: np.ndarray, doubted: np.ndarray
) -> list[CheckFinding]:
    """Where a vendor's adjusted close contradicts the dividends and splits listed.

    Parameters
    ----------
    bars : one ticker's rows by session, split-adjusted: `session`, `close`, `dividend` (per share
        of the last row), `split_ratio`.
    vendor : its own adjusted close, one a row, NaN where it gave none.
    doubted : bool, one a row: its dividend is held back already.

    Returns
    -------
    A payout of over 5 % that the vendor took for paid and nobody listed is a step: a question. So
    are shares that it took for joined. A smaller payout, and a dividend it left out, is noted, and
    nothing is held back.
    """
    close = bars["close"].to_numpy(float)
    rows = np.flatnonzero(np.isfinite(vendor) & (vendor > 0) & np.isfinite(close) & (close > 0))
    if len(rows) < 2:
        return []
    witness = _Witness(bars, vendor, doubted, rows)
    found = []
    for at in np.flatnonzero(witness.left_out()).tolist():
        found.append(_left_out(witness, at))
    for at in np.flatnonzero(witness.beyond()).tolist():
        if witness.lasts(at):
            found.append(_beyond(witness, at))
    for at in np.flatnonzero(witness.raised()).tolist():
        if witness.lasts(at):
            found.append(_raised(witness, at))
    return found


def unit_findings(bars: pd.DataFrame, vendor: np.ndarray | None = None) -> list[CheckFinding]:
    """Dividends on the day of a split, where it matters per which share they are.

    A dividend of 2 beside a split of 1.2 new for 1 old counts as 2 per new share; were it per old
    share it would be 1.67 per new one. It is asked where the difference is more than the day's
    range: of a person's file, unless its adjusted close bears the new share out, and of a vendor
    whose adjusted close bears the old share out.

    Parameters
    ----------
    bars, vendor : as for `vendor_findings`; `bars` with `high`, `low`, `source`.
    """
    dividend, ratio = bars["dividend"].to_numpy(float), bars["split_ratio"].to_numpy(float)
    close = bars["close"].bfill().to_numpy(float)
    both = (dividend > 0) & (ratio != 1.0) & (close > 0)
    if not both.any():
        return []
    span = (bars["high"] - bars["low"]) / bars["close"]
    median = span.rolling(_RANGE_ROWS, min_periods=_MIN_RANGE_ROWS, center=True).median()
    both &= np.abs(dividend - dividend / ratio) > median.to_numpy(float) * close
    found = []
    for at in np.flatnonzero(both).tolist():
        new, old = (amount / close[at - 1] for amount in (dividend[at], dividend[at] / ratio[at]))
        done = np.nan
        if vendor is not None and at > 0:
            done = 1.0 - (vendor[at - 1] / close[at - 1]) / (vendor[at] / close[at])
        if bars["source"].iloc[at] == BarSource.CSV:
            unsure = not abs(done - new) < abs(done - old)
        else:
            unsure = abs(done - old) < abs(done - new)
        if unsure:
            found.append(_unit_question(at, float(dividend[at]), float(ratio[at])))
    return found


def _unit_question(at: int, dividend: float, ratio: float) -> CheckFinding:
    message = Message(
        "bar.dividend-unit",
        "A dividend of {dividend:.6g} and a split of {ratio:.6g} new for 1 old are listed for one "
        "day. What was paid per share after the split: {dividend:.6g}, or {other:.6g}, if it is "
        "per share before it?",
        {"dividend": dividend, "ratio": ratio, "other": dividend / ratio},
    )
    return CheckFinding(Fault.STEP, np.array([at]), message, Hold.STEP)


@dataclass(frozen=True)
class _Witness:
    """From each row with both closes to the next: arrays of one less than there are `rows`."""

    bars: pd.DataFrame
    vendor: np.ndarray
    doubted: np.ndarray
    rows: np.ndarray

    @property
    def close(self) -> np.ndarray:
        """Of `rows`."""
        found: np.ndarray = self.bars["close"].to_numpy(float)[self.rows]
        return found

    @property
    def factor(self) -> np.ndarray:
        """The vendor's adjustment of each of `rows`."""
        found: np.ndarray = self.vendor[self.rows] / self.close
        return found

    @property
    def done(self) -> np.ndarray:
        """What the vendor took for paid out, as a share of the close before: from 100, factors 0.9
        and 1.0 are 10 %."""
        found: np.ndarray = 1.0 - self.factor[:-1] / self.factor[1:]
        return found

    @property
    def listed(self) -> np.ndarray:
        """The dividends listed, in the same unit; NaN where one of them is doubted."""
        paid, doubted = self.bars["dividend"].cumsum().to_numpy(float), np.cumsum(self.doubted)
        found: np.ndarray = np.diff(paid[self.rows]) / self.close[:-1]
        found[np.diff(doubted[self.rows]) > 0] = np.nan
        return found

    @property
    def unknown(self) -> np.ndarray:
        """What rounding may do to `done`."""
        half = _half_unit(self.vendor[self.rows]) / self.vendor[self.rows]
        half = half + _half_unit(self.close) / self.close
        found: np.ndarray = half[:-1] + half[1:]
        return found

    def left_out(self) -> np.ndarray:
        """Dividends listed that the vendor did not adjust for."""
        due = self.listed
        seen = due > np.maximum(_SEEN, self.unknown)
        found: np.ndarray = seen & (self.done < _DONE * due) & ~self.raised()
        return found

    def raised(self) -> np.ndarray:
        """Where closes of before were raised, as after shares were joined."""
        found: np.ndarray = self.done < -np.maximum(_LARGE, 2 * self.unknown)
        return found

    def beyond(self) -> np.ndarray:
        """Where it adjusted for more than is listed."""
        least = np.maximum(np.maximum(_LEAST, _SHARE * self.listed), 2 * self.unknown)
        found: np.ndarray = self.done - self.listed > least
        return found

    def lasts(self, at: int) -> bool:
        """Whether the sessions around bear out what was done from one row to the next."""
        factor, paid = self.factor, np.r_[0.0, np.nancumsum(self.listed)]
        extra = self.done[at] - self.listed[at]
        before = range(max(0, at - _LASTS), at + 1)
        after = range(at + 1, min(len(factor), at + 2 + _LASTS))
        return all(
            (1.0 - factor[one] / factor[other] - (paid[other] - paid[one])) / extra > 0.5
            for one in before
            for other in after
        )

    def on(self, at: int) -> str:
        """The session of the later of the two rows."""
        return f"{self.bars['session'].iloc[self.rows[at + 1]]:%Y-%m-%d}"


def _left_out(witness: _Witness, at: int) -> CheckFinding:
    """The rows that the vendor did not adjust; we do, so nothing is held."""
    message = Message(
        "bar.dividend-left-out",
        "The vendor's adjusted close leaves out the dividend of {dividend:.6g} of {session}; "
        "prices here are adjusted by the dividends themselves.",
        {
            "dividend": float(witness.listed[at] * witness.close[at]),
            "session": witness.on(at),
        },
    )
    return CheckFinding(Fault.DIVIDEND, witness.rows[: at + 1], message, Hold.NONE)


def _beyond(witness: _Witness, at: int) -> CheckFinding:
    later = int(witness.rows[at + 1])
    numbers = {
        "session": witness.on(at),
        "dividend": float(witness.listed[at] * witness.close[at]),
        "implied": float(witness.done[at] * witness.close[at]),
        "percent": float(100 * witness.done[at]),
    }
    if not witness.listed[at] > 0:
        message = Message(
            "bar.payout-implied",
            "The vendor's adjusted close is lower by {percent:.1f} % on all sessions before "
            "{session}, as for a dividend of about {implied:.3g} or a split, and none is listed: "
            "a special dividend, a fund's capital gain or new shares are missing. What was it?",
            numbers,
        )
    elif abs(witness.done[at] / witness.listed[at] - 2.0) < 2.0 * _ALIKE:
        message = Message(
            "bar.dividend-twice",
            "The vendor's adjusted close counts the dividend of {dividend:.6g} of {session} twice, "
            "or a second one of that day is not listed. What was paid?",
            numbers,
        )
    else:
        message = Message(
            "bar.dividend-other",
            "The vendor's adjusted close was lowered for about {implied:.3g} on {session}, and a "
            "dividend of {dividend:.6g} is listed. What was paid?",
            numbers,
        )
    if witness.done[at] - witness.listed[at] > _LARGE:
        return CheckFinding(Fault.STEP, np.array([later]), message, Hold.STEP)
    return CheckFinding(Fault.DIVIDEND, np.array([later]), message, Hold.NONE)


def _raised(witness: _Witness, at: int) -> CheckFinding:
    message = Message(
        "bar.joined-shares-implied",
        "The vendor's adjusted close is {ratio:.3g} times the close on all sessions before "
        "{session}, as where that many shares became one, and no such split is listed: shares were "
        "joined or the capital was reduced. What was it?",
        {"session": witness.on(at), "ratio": float(1.0 - witness.done[at])},
    )
    later = int(witness.rows[at + 1])
    return CheckFinding(Fault.STEP, np.array([later]), message, Hold.STEP)


def _half_unit(values: np.ndarray) -> float:
    """Half of the last decimal that any of these numbers has: 1.25 and 3.5 are known to 0.005."""
    for decimals in range(_DECIMALS):
        scaled = values * 10.0**decimals
        if (np.abs(scaled - np.round(scaled)) < np.maximum(1e-6, _FLOAT * np.abs(scaled))).all():
            return 0.5 * 10.0**-decimals
    return float(0.5 * 10.0**-_DECIMALS)
