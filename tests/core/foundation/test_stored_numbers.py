"""What of a store is a number, and what is unknown."""

import math

import pandas as pd
import pytest

from core.foundation.stored_numbers import LARGEST, number, numbers, optional


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (3, 3.0),
        (-0.5, -0.5),
        ("12", 12.0),
        (" -1.5e-3 ", -0.0015),
        (".5", 0.5),
        ("+7.", 7.0),
        (LARGEST, LARGEST),
    ],
)
def test_numbers_and_what_is_written_as_one(value: object, found: float) -> None:
    assert number(value) == found == optional(value)


@pytest.mark.parametrize(
    "value",
    [
        *(math.nan, math.inf, -math.inf, 1.8e308, -2 * LARGEST, 10**5000, -(10**400)),
        *("", " ", "NaN", "inf", "Infinity", "1e400", "9" * 5000, "1_000", "٣", "１２", "0x10"),
        *("har", "1.5 MB", "\ud800", "1\n2", None, True, False, [], {}, b"1", pd.NA, pd.NaT),
    ],
    ids=lambda value: type(value).__name__,  # one of 5,000 digits cannot be written
)
def test_everything_else_is_unknown(value: object) -> None:
    assert math.isnan(number(value)) and optional(value) is None


def test_a_column_keeps_its_index_and_becomes_floats() -> None:
    found = numbers(pd.Series(["1", None, "x", math.inf, 2.5], index=list("abcde"), dtype=object))
    assert found.dtype == "float64" and found.dropna().to_dict() == {"a": 1.0, "e": 2.5}
