"""Numbers that come from a store, which anybody may have written to: known, or unknown."""

import math
import re

import pandas as pd

LARGEST = 1e15  # of what is larger no page can draw an axis, and nothing kept here is
_WRITTEN = re.compile(r"\s*[+-]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,4})?\s*")


def number(value: object) -> float:
    """What a store gave as a number; NaN where it is none that may be read.

    Parameters
    ----------
    value : a number, or one written in ASCII digits such as 12, -1.5 or 1e-3. Everything else is
        NaN: a truth value, text, an infinity, and what lies beyond `LARGEST` on either side.
    """
    if isinstance(value, str):
        found = float(value) if _WRITTEN.fullmatch(value) and value.isascii() else math.nan
    elif isinstance(value, int) and not isinstance(value, bool):
        found = float(value) if abs(value) <= LARGEST else math.nan  # one of 5,000 digits is none
    else:
        found = float(value) if isinstance(value, float) else math.nan
    return found if abs(found) <= LARGEST else math.nan


def numbers(values: pd.Series) -> "pd.Series[float]":
    """`number` of each value, float64 on the same index."""
    return pd.Series([number(value) for value in values], values.index, dtype="float64")


def optional(value: object) -> float | None:
    """As `number`, None where that is unknown."""
    found = number(value)
    return None if math.isnan(found) else found
