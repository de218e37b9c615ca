"""Levels of prices: splits half applied, units, unlisted splits, and jumps to be asked about."""

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.run_checks import check
from tests.support.check_rows import AAPL, XNYS, as_tuples, quiet, scaled


def levels(
    bars: pd.DataFrame, trusted: np.ndarray | None = None
) -> list[tuple[str, int, int, str]]:
    return as_tuples(bars, check(bars, AAPL, XNYS, trusted))


def split_at(bars: pd.DataFrame, row: int, ratio: float) -> pd.DataFrame:
    """As traded with a split: prices before are higher by the ratio, volumes lower."""
    changed = scaled(bars, slice(0, row), ratio)
    changed.loc[: row - 1, "volume"] /= ratio
    changed.loc[row, "split_ratio"] = ratio
    return changed


@pytest.mark.parametrize("ratio", [2.0, 4.0, 0.1])
def test_a_listed_split_is_no_jump(ratio: float) -> None:
    assert levels(split_at(quiet(), 40, ratio)) == []


@pytest.mark.parametrize("ratio", [2.0, 4.0, 0.1])
def test_rows_a_listed_split_was_not_applied_to(ratio: float) -> None:
    bars = split_at(quiet(), 40, ratio)
    assert levels(scaled(bars, slice(30, 38), ratio)) == [("split", 30, 37, "prices")]
    assert levels(scaled(bars, slice(30, 38), 1 / ratio)) == [("split", 30, 37, "prices")]


@pytest.mark.parametrize("ratio", [2.0, 4.0, 10.0, 0.5, 0.1])
def test_a_split_listed_upside_down_is_named_and_what_it_would_scale_is_held(ratio: float) -> None:
    bars = split_at(quiet(), 40, ratio)
    bars.loc[40, "split_ratio"] = 1.0 / ratio
    found = check(bars, AAPL, XNYS)
    assert as_tuples(bars, found) == [("split", 0, 39, "prices")]
    assert "upside down" in found[0].reason and f"as after {ratio:g} new" in found[0].reason


@pytest.mark.parametrize("times", [100.0, 0.01])
def test_units_mixed_up(times: float) -> None:
    bars = quiet()
    assert levels(scaled(bars, slice(0, 20), times)) == [("100x", 0, 19, "prices")]
    assert levels(scaled(bars, slice(33, 34), times)) == [("100x", 33, 33, "prices")]


def test_the_level_on_which_something_was_traded_is_right() -> None:
    bars = scaled(quiet(), slice(40, 60), 0.01)
    bars.loc[bars.index[40:], "volume"] = 0.0
    found = [row for row in levels(bars) if row[0] == "100x"]
    assert found == [("100x", 40, 59, "prices")]


@pytest.mark.parametrize("times", [100.0, 0.01])
@pytest.mark.parametrize("few", [1, 10, 20])
def test_at_first_sight_a_few_newest_rows_are_wrong_before_all_others_are(
    few: int, times: float
) -> None:
    bars = scaled(quiet(300), slice(300 - few, 300), times)
    assert levels(bars) == [("100x", 300 - few, 299, "prices")]


@pytest.mark.parametrize(("rows", "new"), [(300, 21), (250, 3)])
def test_at_first_sight_the_newest_level_is_right_once_it_lasts_or_the_other_is_short(
    rows: int, new: int
) -> None:
    bars = scaled(quiet(rows), slice(rows - new, rows), 100.0)
    assert levels(bars) == [("100x", 0, rows - new - 1, "prices")]


def test_what_was_accepted_before_is_right() -> None:
    bars = scaled(quiet(), slice(57, 60), 100.0)
    assert levels(bars, np.arange(60) < 57) == [("100x", 57, 59, "prices")]


def test_a_new_level_is_left_to_the_steps() -> None:
    assert levels(scaled(quiet(), slice(40, 60), 0.45)) == []
    assert levels(scaled(quiet(), slice(40, 60), 0.5), np.arange(60) < 40) == []


def test_a_spike_is_asked_about_and_the_way_back_is_not() -> None:
    assert levels(scaled(quiet(), slice(40, 41), 1.7)) == [("jump", 40, 40, "prices")]


def test_a_fall_paid_out_as_a_dividend_is_none() -> None:
    bars = scaled(quiet(), slice(40, 60), 0.5)
    bars.loc[40, "dividend"] = 50.0
    assert levels(bars) == []


def test_rows_without_a_close_are_stepped_over() -> None:
    bars = quiet()
    bars.loc[20:22, "close"] = np.nan
    assert {row[0] for row in levels(bars)} == {"price"}
