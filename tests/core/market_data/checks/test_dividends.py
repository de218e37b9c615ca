"""Dividends that cannot be."""

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.dividends import dividend_findings
from tests.support.bars import walk
from tests.support.check_rows import as_tuples, quiet, scaled


def test_ordinary_dividends_are_not_named() -> None:
    bars = quiet()
    bars.loc[[5, 25, 45], "dividend"] = [0.5, 0.52, 0.5]
    assert dividend_findings(bars) == []


def test_a_dividend_listed_twice_is_held_the_first_time() -> None:
    bars = quiet()
    bars.loc[[20, 22], "dividend"] = 0.5
    found = dividend_findings(bars)
    assert as_tuples(bars, found) == [("dividend", 20, 20, "actions")]
    assert "listed again on" in found[0].reason


@pytest.mark.parametrize("times", [100.0, 0.01])
def test_a_dividend_in_other_units(times: float) -> None:
    bars = quiet()
    bars.loc[[5, 20, 35, 50], "dividend"] = [0.05, 0.05, 0.05 * times, 0.05]
    assert as_tuples(bars, dividend_findings(bars)) == [("dividend", 35, 35, "actions")]


def test_a_large_dividend_the_price_did_not_notice() -> None:
    bars = quiet()
    bars.loc[30, "dividend"] = 20.0
    assert as_tuples(bars, dividend_findings(bars)) == [("dividend", 30, 30, "actions")]
    fallen = bars.copy()
    fallen.loc[30:, "close"] -= 20.0
    assert dividend_findings(fallen) == []


def test_a_price_that_is_missing_on_the_day_is_no_price_that_did_not_notice() -> None:
    bars = quiet()
    bars.loc[30, "dividend"] = 20.0
    bars.loc[30:, "close"] -= 20.0
    bars.loc[30, "close"] = np.nan
    assert dividend_findings(bars) == []


def special(share: float, fell: float) -> pd.DataFrame:
    """A lively share with small dividends and one of `share` of the price, which fell by `fell`."""
    bars = walk("ABC", 400, 3, 0.012)
    bars.loc[[40, 100, 160, 220], "dividend"] = 0.0005 * bars["close"]
    bars = scaled(bars, slice(300, 400), 1 - fell)
    bars.loc[300, "dividend"] = share * bars["close"][299]
    return bars


@pytest.mark.parametrize("share", [0.08, 0.12, 0.3])
def test_a_special_dividend_by_which_the_price_fell_is_believed(share: float) -> None:
    assert dividend_findings(special(share, share)) == []


@pytest.mark.parametrize(("share", "fell"), [(0.12, 0.0), (0.08, 0.0), (0.04, 0.04), (0.3, 0.1)])
def test_one_by_which_it_did_not_fall_or_too_small_to_tell_is_not(
    share: float, fell: float
) -> None:
    bars = special(share, fell)
    assert as_tuples(bars, dividend_findings(bars)) == [("dividend", 300, 300, "actions")]
