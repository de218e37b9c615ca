"""What a person says a step was: a split, a reduction of capital, a dividend, or a real move."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import pandas as pd

from core.foundation.errors import InvalidInputError
from core.market_data.checks.vendor_adjustment import WITNESSED
from core.market_data.records.quarantine import QuarantineEntry

_NUMBER = r"(\d{1,7}(?:\.\d{1,6})?)"  # so that all of an answer can be stored
_SPLIT = re.compile(rf"split\s+{_NUMBER}\s*(?::|for|/)\s*{_NUMBER}")
_REDUCTION = re.compile(rf"capital\s+reduction\s+{_NUMBER}")
_DIVIDEND = re.compile(rf"dividend\s+{_NUMBER}")
REAL = "real"
EXAMPLES = '"split 4:1", "capital reduction 0.6", "dividend 12.5" or "real"'
_MAX_RATIO = 1000.0  # new shares for one old, or old for one new; beyond it is a slip of the hand


@dataclass(frozen=True)
class StepExplanation:
    """The action that explains a step.

    Parameters
    ----------
    split_ratio : new shares for one old on the session of the step; 1 if there was no split. A
        reduction of capital to 0.6 leaves 0.6 new shares of one old.
    dividend : paid per share that is held after the step, in the ticker's currency; 0 if none was.
    """

    split_ratio: float = 1.0
    dividend: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an answer as a person writes it, such as "split 4:1": 4 new shares for 1 old.

        Raises
        ------
        InvalidInputError : it is none; names what was given and what would do.
        """
        words = " ".join(text.lower().split())
        split, reduction, dividend = (
            one.fullmatch(words) for one in (_SPLIT, _REDUCTION, _DIVIDEND)
        )
        if words == REAL:
            return cls()
        if split and float(split[2]) > 0 and _fits(ratio := float(split[1]) / float(split[2])):
            return cls(split_ratio=ratio)
        if reduction and 0 < float(reduction[1]) < 1 and _fits(float(reduction[1])):
            return cls(split_ratio=float(reduction[1]))
        if dividend and float(dividend[1]) > 0:
            return cls(dividend=float(dividend[1]))
        raise InvalidInputError(
            "step.no-answer",
            '"{text}" does not say what the step was; say {examples}.',
            {"text": text[:40], "examples": EXAMPLES},
            parameter="answer",
        )


def _fits(ratio: float) -> bool:
    return ratio != 1.0 and 1 / _MAX_RATIO <= ratio <= _MAX_RATIO


def with_explanations(bars: pd.DataFrame, answered: Iterable[QuarantineEntry]) -> pd.DataFrame:
    """One ticker's bars with the actions that people named where the source lists none of the kind.

    A dividend counts in place of the listed one where that one was in question.

    Parameters
    ----------
    bars : the `bars` contract in columns and types, raw.
    answered : entries of the ticker, of which those with an answer count.
    """
    split, dividend = bars["split_ratio"].copy(), bars["dividend"].copy()
    for entry in answered:
        if not entry.explanation:
            continue
        explanation = StepExplanation.parse(entry.explanation)
        on = bars["session"].dt.date == entry.first
        split[on & (split == 1.0)] = explanation.split_ratio
        in_question = entry.message is not None and entry.message.code in WITNESSED
        if explanation.dividend > 0:
            dividend[on & ((dividend == 0.0) | in_question)] = explanation.dividend
        dividend[on & dividend.isna()] = explanation.dividend
    return bars.assign(split_ratio=split, dividend=dividend)


def explained_later(entries: Iterable[QuarantineEntry], made: pd.DataFrame) -> pd.Series:
    """What forecasts did not know when they were made: steps before them explained only later.

    Parameters
    ----------
    entries : of one ticker.
    made : a row a forecast, with `as_of` and `created_at`, an aware instant.

    Returns
    -------
    A text a row, such as "2026-10-15: split 4:1"; empty where nothing was explained later.
    """
    found = pd.Series("", index=made.index, dtype="str")
    for entry in sorted(entries, key=lambda one: one.first):
        if not entry.explanation or entry.decided_at is None:
            continue
        unknown = made["as_of"] >= pd.Timestamp(entry.first)
        unknown &= pd.to_datetime(made["created_at"], utc=True) < pd.Timestamp(entry.decided_at)
        step = f"{entry.first}: {entry.explanation}"
        found[unknown] = found[unknown].map(lambda text: f"{text}; {step}" if text else step)
    return found
