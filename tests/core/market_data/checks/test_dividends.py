"""Dividends that cannot be."""

import numpy as np
import pytest

from core.market_data.checks.dividends import dividend_findings
from tests.support.check_rows import as_tuples, quiet


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


def test_a_dividend_the_vendor_left_out_is_told_and_nothing_held() -> None:
    bars = quiet()
    bars.loc[[10, 30], "dividend"] = 2.0
    close = bars["close"].to_numpy()
    first = np.where(np.arange(60) < 10, 1 - 2.0 / close[9], 1.0)
    both = np.where(np.arange(60) < 30, 1 - 2.0 / close[29], 1.0) * first
    assert dividend_findings(bars, close * both) == []
    assert as_tuples(bars, dividend_findings(bars, close * first)) == [("dividend", 0, 29, "")]
