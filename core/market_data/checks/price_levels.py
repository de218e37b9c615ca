"""Prices that stand on another level than their neighbours: splits, units, and short spikes.

A vendor's split-adjusted closes have no reason to jump. Where they do, the rows are cut into
stretches, and from a stretch that can be relied on every other one is reached and judged.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.market_data.checks.contract import MAX_PRICE
from core.market_data.checks.finding import CheckFinding, Fault
from core.market_data.checks.level_breaks import LevelBreaks, Verdict

_FALL, _RISE = 0.6, 1.4  # a close over 40 % away from the one before
# Prices may drift apart for so many days where sessions in between are missing.
_DAYS, _FAR_FALL, _FAR_RISE = 14, 0.2, 5.0
_SPIKE = 5  # sessions; a longer stretch is a level of its own
# A level no older, in sessions, is not believed against one of at least a year that differs 100x.
_NEW, _YEAR = 20, 250


@dataclass
class _Walk:
    """From one stretch outwards; `edge` is the nearest row that is relied on."""

    closes: "Closes"
    level_breaks: LevelBreaks
    trusted: np.ndarray
    found: list[CheckFinding]

    def go(self, stretches: list[np.ndarray], edge: int, step: int) -> None:
        """Judge the stretches, nearest first, lying `step` (+1 later, -1 earlier) of `edge`."""
        for number, rows in enumerate(stretches):
            near, far = (rows[0], rows[-1]) if step > 0 else (rows[-1], rows[0])
            if not self.closes.jumps(edge, near):
                edge = far
                continue
            verdict = None if self.trusted[near] else self.level_breaks.explain(near, edge)
            if verdict is not None:
                self._hold(rows, verdict)
                continue
            beyond = stretches[number + 1] if number + 1 < len(stretches) else None
            short = len(rows) <= _SPIKE and not self.trusted[rows].any()
            if beyond is not None and short:
                back = beyond[0] if step > 0 else beyond[-1]
                if not self.closes.jumps(edge, back):
                    self._ask(rows, edge, near)
                    continue
            edge = far  # the new level may be right: `unlisted_steps` parts it from the old one

    def _hold(self, rows: np.ndarray, verdict: Verdict) -> None:
        rows = rows[~self.trusted[rows]]
        if len(rows):
            self.found.append(CheckFinding(verdict.code, rows, verdict.message))

    def _ask(self, rows: np.ndarray, edge: int, near: int) -> None:
        first, last = min(edge, near), max(edge, near)
        before, after = self.closes.as_traded[first], self.closes.as_traded[last]
        change = self.closes.close[last] / self.closes.close[first] - 1.0
        numbers = {
            "change": float(100 * change),
            "before": float(before),
            "after": float(after),
        }
        message = self.level_breaks.question(first, last, numbers)
        self.found.append(CheckFinding(Fault.JUMP, rows, message))


@dataclass(frozen=True)
class Closes:
    """Split-adjusted closes and dividends, and the closes as traded; NaN where there is none.

    `day` numbers the days of the sessions.
    """

    close: np.ndarray
    dividend: np.ndarray
    as_traded: np.ndarray
    day: np.ndarray

    def jumps(self, one: int, other: int) -> bool:
        """Whether two rows lie over 40 % apart, the later one's dividend counted or not."""
        first, last = np.array([min(one, other)]), np.array([max(one, other)])
        return bool(self._jump(first, last)[0])

    def stretches(self, trusted: np.ndarray) -> list[np.ndarray]:
        """Positions of the rows with a close that can be, cut where it jumps."""
        rows = np.flatnonzero((self.close > 0) & (self.as_traded <= MAX_PRICE))
        if not len(rows):
            return []
        before, after = rows[:-1], rows[1:]
        doubted = ~(trusted[before] & trusted[after])
        return np.split(rows, np.flatnonzero(self._jump(before, after) & doubted) + 1)

    def _jump(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        far = self.day[last] - self.day[first] > _DAYS
        fall, rise = np.where(far, _FAR_FALL, _FALL), np.where(far, _FAR_RISE, _RISE)
        jump = np.ones(len(first), bool)
        for paid in (0.0, self.dividend[last]):
            ratio = (self.close[last] + paid) / self.close[first]
            jump &= (ratio < fall) | (ratio > rise)
        return jump


def level_findings(bars: pd.DataFrame, trusted: np.ndarray) -> list[CheckFinding]:
    """Stretches of rows on a wrong level, and short ones that nobody has explained.

    Parameters
    ----------
    bars : one ticker's rows by session, split-adjusted: the prices, `volume`, `dividend`,
        `split_ratio`, `session`, and `as_traded`, the close as it was. Rows without a close above
        zero, or with one above any price, are passed over.
    trusted : bool, one a row: accepted before, and therefore never in doubt.

    Notes
    -----
    All stretches are compared with one that is relied on. It is the last one with a trusted row.
    Without trusted rows it is the last one with any trading, since a vendor corrects its newest
    rows first; without trading it is the last one. There is one exception, where no row is
    trusted: if this would hold back a year or more for its units and leave only a few rows, then
    the few are wrong, and the stretch before them is relied on.
    """
    day = bars["session"].to_numpy().astype("datetime64[D]").astype(int)
    close, dividend, traded = (
        bars[name].to_numpy(float) for name in ("close", "dividend", "as_traded")
    )
    closes = Closes(close, dividend, traded, day)
    stretches = closes.stretches(trusted)
    if len(stretches) < 2:
        return []
    anchor = _anchor(stretches, trusted, bars["volume"].to_numpy(float))
    level_breaks = LevelBreaks(bars)
    found = _found(stretches, anchor, closes, level_breaks, trusted)
    units = [one.rows for one in found if one.code == Fault.UNITS]
    if trusted.any() or not units:
        return found
    other = max(int(rows[-1]) for rows in units)
    count = sum(map(len, units))
    if count < _YEAR or sum(map(len, stretches)) - count > _NEW:
        return found
    anchor = next(number for number, rows in enumerate(stretches) if rows[-1] == other)
    return _found(stretches, anchor, closes, level_breaks, trusted)


def _found(
    stretches: list[np.ndarray],
    anchor: int,
    closes: Closes,
    level_breaks: LevelBreaks,
    trusted: np.ndarray,
) -> list[CheckFinding]:
    """What is found from one stretch, counted from the first, in both directions."""
    walk, rows = _Walk(closes, level_breaks, trusted, []), stretches[anchor]
    walk.go(stretches[anchor + 1 :], int(rows[-1]), 1)
    walk.go(stretches[:anchor][::-1], int(rows[0]), -1)
    return walk.found


def _anchor(stretches: list[np.ndarray], trusted: np.ndarray, volume: np.ndarray) -> int:
    for good in (trusted, volume > 0):
        having = [number for number, rows in enumerate(stretches) if good[rows].any()]
        if having:
            return having[-1]
    return len(stretches) - 1


LEVELS = (Fault.SPLIT, Fault.UNITS, Fault.JUMP)
