"""Rules a row must keep by itself."""

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.contract import contract_findings
from tests.support.check_rows import as_tuples, quiet

CASES = [
    ("close", np.nan, ("price", "prices")),
    ("close", -1.0, ("price", "prices")),
    ("open", 0.0, ("price", "prices")),
    ("close", 1e300, ("price", "prices")),
    ("open", 1e13, ("price", "prices")),
    ("high", 10.0, ("range", "prices")),
    ("open", 150.0, ("range", "prices")),
    ("volume", -5.0, ("price", "prices")),
    ("volume", 1e20, ("price", "prices")),
    ("dividend", -0.5, ("dividend", "actions")),
    ("dividend", np.nan, ("dividend", "actions")),
    ("split_ratio", 0.0, ("split", "actions")),
    ("split_ratio", np.inf, ("split", "actions")),
]


def test_sound_rows_are_not_named() -> None:
    assert contract_findings(quiet()) == []


@pytest.mark.parametrize(("name", "value", "expected"), CASES)
def test_a_broken_rule_names_its_row(name: str, value: float, expected: tuple[str, str]) -> None:
    bars = quiet()
    bars.loc[7, name] = value
    code, hold = expected
    assert as_tuples(bars, contract_findings(bars)) == [(code, 7, 7, hold)]


@pytest.mark.parametrize("name", ["open", "high", "low", "volume"])
def test_what_may_be_missing_is_not_named(name: str) -> None:
    bars = quiet()
    bars.loc[7, name] = np.nan
    assert contract_findings(bars) == []


def test_a_session_that_came_twice_names_both() -> None:
    bars = quiet()
    bars.loc[8, "session"] = bars.loc[7, "session"]
    bars.loc[[7, 8], "close"] = [100.25, 100.75]
    bars.loc[20, "session"] = bars.loc[19, "session"]
    found = contract_findings(bars)
    assert as_tuples(bars, found) == [
        ("duplicate", 7, 8, "prices"),
        ("duplicate", 19, 20, "prices"),
    ]
    assert "close at 100.25 and 100.75; released, the last one counts" in found[0].reason
    bars.loc[7, "close"] = np.nan
    reasons = [one.reason for one in contract_findings(bars) if one.code == "duplicate"]
    assert "close at an unknown price and 100.75; released" in reasons[0]


def test_rows_at_fault_side_by_side_are_one_finding() -> None:
    bars = quiet()
    bars.loc[[3, 4, 5, 9], "close"] = 0.0
    assert [row[1:3] for row in as_tuples(bars, contract_findings(bars))] == [(3, 5), (9, 9)]


def test_whole_numbers_are_numbers() -> None:
    bars = quiet().astype({"volume": "int64", "split_ratio": "int64"})
    assert contract_findings(bars) == []
    assert isinstance(bars, pd.DataFrame)
