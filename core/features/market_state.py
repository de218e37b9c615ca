"""What one ticker's features need of the others: sums over each exchange calendar and session."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.features.compiled import compiled
from core.features.spec import HAR

# Sums of whole numbers are exact: no order of tickers and no split into parts rounds otherwise.
_UNITS = 2.0**40  # to one of a feature, so that a mean is off by less than 1e-12
_MAX_VALUE = 1024.0  # what a session adds at most, so that 8,000 tickers fit
_OWN = len(HAR.own_names)
_EXCESSES = 3
_WIDTH = 1 + _OWN + 1 + _EXCESSES
_TRADED = 1 + _OWN  # the column after the features


@dataclass(frozen=True)
class MarketState:
    """Sums over the tickers of a calendar that have a session, for each calendar and session.

    `calendars` are their codes; `calendar` is int64 (rows,), the position among them; `session` is
    datetime64[ns] (rows,); rows are sorted by both, and each pair is there once. `sums` is int64
    (rows, 15): how many tickers have all of `HAR.own_names`, the sums of these; how many have the
    session at all, the sums of the three excesses of `core.features.earnings_season`. Sums count
    2**40 to one, and what lies beyond 1,024 counts as 1,024.

    Example: of two tickers with log variances -8.0 and -9.0 the mean is
    (-8 * 2**40 - 9 * 2**40) / 2**40 / 2 = -8.5.
    """

    calendars: tuple[str, ...]
    calendar: np.ndarray
    session: np.ndarray
    sums: np.ndarray

    @classmethod
    def of(
        cls,
        calendars: tuple[str, ...],
        calendar: np.ndarray,
        session: np.ndarray,
        own: np.ndarray,
        excess: np.ndarray,
    ) -> "MarketState":
        """The sums of rows, one a (ticker, session), in any order.

        Parameters
        ----------
        calendars, calendar, session : as in the class, one of the last two a row.
        own : float64 (rows, at least as many as `HAR.own_names`), of which the first are looked
            at; a row with one that is not finite counts as a session without features.
        excess : float64 (rows, 3).
        """
        cell = np.empty(len(session), dtype=np.int64)
        days, codes = [np.zeros(0, dtype="datetime64[ns]")], [np.zeros(0, dtype=np.int64)]
        for at in range(len(calendars)):
            mine, before = np.flatnonzero(calendar == at), sum(map(len, days))
            place, sessions = pd.factorize(session[mine], sort=True)
            cell[mine] = before + place
            days.append(sessions)
            codes.append(np.full(len(sessions), at, dtype=np.int64))
        sums = np.zeros((sum(map(len, days)), _WIDTH), dtype=np.int64)
        _add(cell, own, excess, sums)
        return cls(calendars, np.concatenate(codes), np.concatenate(days), sums)

    @classmethod
    def joined(cls, parts: Sequence["MarketState"]) -> "MarketState":
        """The sums of all parts together, which share no ticker."""
        calendars = tuple(sorted({code for part in parts for code in part.calendars}))
        place = {code: at for at, code in enumerate(calendars)}
        codes = [np.array([place[one] for one in part.calendars], np.int64) for part in parts]
        empty = np.zeros(0, np.int64)
        calendar = np.concatenate(
            [empty, *(own[part.calendar] for own, part in zip(codes, parts, strict=True))]
        )
        session = np.concatenate(
            [empty.astype("datetime64[ns]"), *(part.session for part in parts)]
        )
        sums = np.concatenate([np.zeros((0, _WIDTH), np.int64), *(part.sums for part in parts)])
        order = np.lexsort((session, calendar))
        calendar, session, sums = calendar[order], session[order], sums[order]
        begins = np.ones(len(session), dtype=bool)
        begins[1:] = (np.diff(calendar) != 0) | (session[1:] != session[:-1])
        first = np.flatnonzero(begins)
        total = np.add.reduceat(sums, first, axis=0) if len(first) else sums
        return cls(calendars, calendar[first], session[first], total)

    def without(self, part: "MarketState") -> "MarketState":
        """The sums of the other tickers; `part` are those of some that are in these."""
        taken = MarketState(part.calendars, part.calendar, part.session, -part.sums)
        left = self.joined([self, taken])
        there = left.sums[:, _TRADED] > 0
        return MarketState(
            left.calendars, left.calendar[there], left.session[there], left.sums[there]
        )

    def rows(
        self, calendars: Sequence[str], calendar: np.ndarray, session: np.ndarray
    ) -> np.ndarray:
        """Which row each pair of a calendar and a session is, int64 (pairs,).

        One that is not there is the number of rows, for which every mean is NaN.

        Parameters
        ----------
        calendars : codes; `calendar` the position among them of each pair, int64 (pairs,).
        """
        found = np.full(len(session), len(self.session), dtype=np.int64)
        for at, code in enumerate(calendars):
            mine = np.flatnonzero(calendar == at)
            if code in self.calendars and len(mine):
                own = self.calendars.index(code)
                first, after = np.searchsorted(self.calendar, [own, own + 1])
                place = pd.Index(self.session[first:after]).get_indexer(session[mine])
                found[mine] = np.where(place < 0, len(self.session), first + place)
        return found

    @cached_property
    def means(self) -> np.ndarray:
        """Mean of each of `HAR.own_names`, float64 (rows + 1, features); NaN where none has it."""
        padded = self._padded
        with np.errstate(invalid="ignore"):
            means: np.ndarray = padded[:, 1:_TRADED] / _UNITS / padded[:, :1]
        return means

    @cached_property
    def counted(self) -> np.ndarray:
        """How many tickers each mean is over, int64 (rows + 1,)."""
        counted: np.ndarray = self._padded[:, 0]
        return counted

    def beyond_others(self, rows: np.ndarray, excess: np.ndarray) -> np.ndarray:
        """Excesses less the mean of all other tickers', float64 (rows, 3); as they are without any.

        Parameters
        ----------
        rows : as `rows` gives them.
        excess : float64 (rows, 3), of the ticker itself, which is in the sums.
        """
        padded, own = self._padded[rows], _whole(excess)
        others = padded[:, _TRADED] - 1
        left = np.where(others[:, None] > 0, padded[:, _TRADED + 1 :] - own, 0)
        beyond: np.ndarray = own / _UNITS - left / _UNITS / np.maximum(others, 1)[:, None]
        return beyond

    @cached_property
    def _padded(self) -> np.ndarray:
        return np.vstack([self.sums, np.zeros((1, _WIDTH), np.int64)])


def _whole(values: np.ndarray) -> np.ndarray:
    whole: np.ndarray = np.rint(np.clip(values, -_MAX_VALUE, _MAX_VALUE) * _UNITS).astype(np.int64)
    return whole


@compiled()
def _add(cell: np.ndarray, own: np.ndarray, excess: np.ndarray, sums: np.ndarray) -> None:
    """Add each row's features and excesses to the row `cell` of `sums`."""
    for row in range(len(cell)):
        to = cell[row]
        known = True
        for k in range(_OWN):
            known = known and np.isfinite(own[row, k])
        if known:
            sums[to, 0] += 1
            for k in range(_OWN):
                value = min(max(own[row, k], -_MAX_VALUE), _MAX_VALUE)
                sums[to, 1 + k] += np.int64(np.rint(value * _UNITS))
        sums[to, _TRADED] += 1
        for k in range(_EXCESSES):
            value = min(max(excess[row, k], -_MAX_VALUE), _MAX_VALUE)
            sums[to, _TRADED + 1 + k] += np.int64(np.rint(value * _UNITS))
