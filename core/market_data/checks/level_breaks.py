"""Why a price may stand on another level: a split half applied, mixed-up units, or unexplained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import Fault

# A listed split explains a step that lies this many rows away at most, and this near to it in
# logarithms: no farther than `_CLOSE` and a share of the split's own size.
_MAX_DISTANCE_ROWS, _CLOSE, _SHARE = 30, 0.7, 0.35
_HUNDRED = (np.log(66.0), np.log(150.0))
# A split that nobody listed is told from a crash by three things together: a plain ratio, a gap
# that the day's range does not bridge, and money traded as on any other day.
_PLAIN = np.array([2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50], float)
_EXACT, _MONEY, _DAYS = 0.03, 3.0, 20


@dataclass(frozen=True)
class Verdict:
    """What is wrong with the rows on the far side of a step."""

    code: Fault
    message: Message


class LevelBreaks:
    """Explanations of a step between two rows of one ticker.

    Parameters
    ----------
    bars : as for `core.market_data.checks.price_levels.level_findings`.
    """

    def __init__(self, bars: pd.DataFrame) -> None:
        self._session = bars["session"]
        self._close = bars["close"].to_numpy(float)
        self._high, self._low = bars["high"].to_numpy(float), bars["low"].to_numpy(float)
        with np.errstate(over="ignore"):  # impossible prices are held by the contract check
            money = self._close * bars["volume"].to_numpy(float)
        self._money = np.where(np.isfinite(money), money, np.nan)
        self._dividend = bars["dividend"].to_numpy(float)
        ratio = bars["split_ratio"].to_numpy(float)
        self._splits = [(int(at), float(ratio[at])) for at in np.flatnonzero(ratio != 1.0)]

    def explain(self, doubted: int, relied: int) -> Verdict | None:
        """What explains that row `doubted` stands apart from row `relied`; None if nothing."""
        step = float(np.log(self._close[doubted] / self._close[relied]))
        apart = {"ratio": float(np.exp(abs(step))), "session": self.on(relied)}
        inverted = self._inverted(step if doubted > relied else -step, max(doubted, relied))
        if inverted is not None:
            at, ratio = inverted
            return Verdict(
                Fault.SPLIT,
                Message(
                    "bar.split-inverted",
                    "The split of {session} is listed as {listed:.6g} new for 1 old, but prices "
                    "moved as after {moved:.6g} new for 1 old: its ratio is upside down.",
                    {"session": self.on(at), "listed": ratio, "moved": 1.0 / ratio},
                ),
            )
        split = self._listed(step, max(doubted, relied))
        if split is not None:
            at, ratio = split
            listed = {**apart, "split_session": self.on(at), "split_ratio": ratio}
            return Verdict(Fault.SPLIT, _split_not_applied(step > 0, listed))
        if _HUNDRED[0] <= abs(step) <= _HUNDRED[1]:
            return Verdict(Fault.UNITS, _hundred_times(step > 0, apart))
        return None

    def unlisted_split(self, first: int, last: int) -> Message | None:
        """What is said of a step from one row to a later one that looks like a split; else None."""
        step = float(np.log(self._close[last] / self._close[first]))
        if not self._unlisted(step, first, last):
            return None
        apart = {"ratio": float(np.exp(abs(step))), "session": self.on(first)}
        return _split_unlisted(step > 0, apart)

    def question(self, first: int, last: int, numbers: Mapping[str, Any]) -> Message:
        """Whether the step from one row to another is real, beside what is listed between them.

        Parameters
        ----------
        numbers : `change` in percent, and `before` and `after`, the closes as traded.
        """
        values = {**numbers, "percent": abs(numbers["change"]), "session": self.on(first)}
        del values["change"]
        rose = numbers["change"] > 0
        splits = [f"{ratio:.6g}" for row, ratio in self._splits if first < row <= last]
        if splits:
            return _beside_splits(rose, {**values, "splits": splits})
        if (self._dividend[first + 1 : last + 1] > 0).any():
            return _beside_dividends(rose, values)
        return _beside_nothing(rose, values)

    def on(self, row: int) -> str:
        """The session of a row, as text."""
        return f"{self._session.iloc[row]:%Y-%m-%d}"

    def _inverted(self, forward: float, at: int) -> tuple[int, float] | None:
        """A split listed on that very row whose reciprocal is what prices did."""
        for row, ratio in self._splits:
            size = abs(np.log(ratio))
            off = abs(forward - 2.0 * np.log(ratio))
            if row == at and off <= min(_CLOSE, _SHARE * size):
                return row, ratio
        return None

    def _listed(self, step: float, at: int) -> tuple[int, float] | None:
        for row, ratio in self._splits:
            size = abs(np.log(ratio))
            off = abs(abs(step) - size)
            if abs(row - at) <= _MAX_DISTANCE_ROWS and off <= min(_CLOSE, _SHARE * size):
                return row, ratio
        return None

    def _unlisted(self, step: float, first: int, last: int) -> bool:
        if np.abs(np.abs(step) - np.log(_PLAIN)).min() > _EXACT:
            return False
        middle = np.sqrt(self._close[first] * self._close[last])
        above = self._low[last] > middle and self._close[last] > middle
        below = self._high[last] < middle and self._close[last] < middle
        before = self._money[max(0, last - _DAYS) : last]
        before = before[before > 0]
        if not (above or below) or len(before) < _DAYS // 4:
            return False
        return bool(1 / _MONEY <= self._money[last] / np.median(before) <= _MONEY)


def _split_not_applied(above: bool, values: Mapping[str, Any]) -> Message:
    if above:
        return Message(
            "bar.split-not-applied-above",
            "Prices are {ratio:.3g} times those of {session}: the split of {split_session}, "
            "{split_ratio:.6g} new for 1 old, is not applied to them as it is to the others.",
            values,
        )
    return Message(
        "bar.split-not-applied-below",
        "Prices are 1/{ratio:.3g} of those of {session}: the split of {split_session}, "
        "{split_ratio:.6g} new for 1 old, is not applied to them as it is to the others.",
        values,
    )


def _hundred_times(above: bool, values: Mapping[str, Any]) -> Message:
    if above:
        return Message(
            "bar.hundred-times-above",
            "Prices are {ratio:.3g} times those of {session}: a 100x error, such as pence taken "
            "for pounds.",
            values,
        )
    return Message(
        "bar.hundred-times-below",
        "Prices are 1/{ratio:.3g} of those of {session}: a 100x error, such as pence taken for "
        "pounds.",
        values,
    )


def _split_unlisted(above: bool, values: Mapping[str, Any]) -> Message:
    if above:
        return Message(
            "bar.split-unlisted-above",
            "Prices are {ratio:.3g} times those of {session}, as after a split, with no split "
            "listed and trading as usual.",
            values,
        )
    return Message(
        "bar.split-unlisted-below",
        "Prices are 1/{ratio:.3g} of those of {session}, as after a split, with no split listed "
        "and trading as usual.",
        values,
    )


def _beside_splits(rose: bool, values: Mapping[str, Any]) -> Message:
    if rose:
        return Message(
            "bar.rose-beside-splits",
            "The close rose {percent:.0f} %, from {before:.6g} on {session} to {after:.6g}, with "
            "the split of {splits: and of } new for 1 old taken out of that. Is it real?",
            values,
        )
    return Message(
        "bar.fell-beside-splits",
        "The close fell {percent:.0f} %, from {before:.6g} on {session} to {after:.6g}, with the "
        "split of {splits: and of } new for 1 old taken out of that. Is it real?",
        values,
    )


def _beside_dividends(rose: bool, values: Mapping[str, Any]) -> Message:
    if rose:
        return Message(
            "bar.rose-beside-dividends",
            "The close rose {percent:.0f} %, from {before:.6g} on {session} to {after:.6g}, more "
            "than the dividend listed explains. Is it real?",
            values,
        )
    return Message(
        "bar.fell-beside-dividends",
        "The close fell {percent:.0f} %, from {before:.6g} on {session} to {after:.6g}, more than "
        "the dividend listed explains. Is it real?",
        values,
    )


def _beside_nothing(rose: bool, values: Mapping[str, Any]) -> Message:
    if rose:
        return Message(
            "bar.rose-unexplained",
            "The close rose {percent:.0f} %, from {before:.6g} on {session} to {after:.6g}, with "
            "no split or dividend listed. Is it real?",
            values,
        )
    return Message(
        "bar.fell-unexplained",
        "The close fell {percent:.0f} %, from {before:.6g} on {session} to {after:.6g}, with no "
        "split or dividend listed. Is it real?",
        values,
    )
