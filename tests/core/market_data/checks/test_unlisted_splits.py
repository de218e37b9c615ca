"""Splits that volumes give away."""

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.unlisted_splits import list_applied
from core.reference.adjustments import adjust
from tests.support.check_rows import quiet


def applied(row: int, ratio: int) -> pd.DataFrame:
    """A vendor that multiplied the volumes before a row, having divided its prices alike."""
    bars = quiet(80)
    bars.loc[: row - 1, "volume"] *= ratio
    return bars


@pytest.mark.parametrize("ratio", [2, 4, 7])
def test_a_split_is_put_where_it_went_ex(ratio: int) -> None:
    bars = applied(40, ratio)
    before = bars.copy(deep=True)
    frame, found = list_applied(bars)
    pd.testing.assert_frame_equal(bars, before)
    assert [(one.code, len(one.rows), one.hold) for one in found] == [("split", 40, "")]
    assert frame["split_ratio"].tolist() == [1.0] * 40 + [float(ratio)] + [1.0] * 39
    np.testing.assert_array_equal(frame["volume"], quiet(80)["volume"])
    np.testing.assert_allclose(frame["close"][:40], bars["close"][:40] * ratio, rtol=1e-15)
    again = adjust(frame)
    np.testing.assert_allclose(again["close"], bars["close"], rtol=1e-12)
    np.testing.assert_allclose(again["volume"], bars["volume"], rtol=1e-12)


def test_two_splits_are_both_found() -> None:
    bars = quiet(120)
    bars.loc[:79, "volume"] *= 2
    bars.loc[:39, "volume"] *= 7
    frame, found = list_applied(bars)
    assert frame["split_ratio"][40] == 7.0 and frame["split_ratio"][80] == 2.0
    spans = [(int(one.rows[0]), int(one.rows[-1])) for one in found]
    assert spans == [(40, 79), (0, 39)], "each is a fault of its own in the quarantine"
    np.testing.assert_array_equal(frame["volume"], quiet(120)["volume"])


def test_whole_hundreds_too_few_rows_and_missing_volumes_prove_nothing() -> None:
    rounded = quiet(80)
    rounded.loc[:39, "volume"] = np.round(rounded.loc[:39, "volume"], -2)
    silent = quiet(80).assign(volume=np.nan)
    for bars in (quiet(80), rounded, applied(20, 4), silent, quiet(80).iloc[:0]):
        frame, found = list_applied(bars)
        assert found == [] and frame["split_ratio"].eq(1.0).all()


def in_cents(row: int, ratio: int) -> pd.DataFrame:
    """Prices traded in whole cents, those before a row divided by a ratio that is not listed."""
    bars = quiet(80).round({"open": 2, "high": 2, "low": 2, "close": 2})
    for name in ("open", "high", "low", "close"):
        bars.loc[: row - 1, name] /= ratio
    bars.loc[: row - 1, "volume"] *= ratio
    return bars


@pytest.mark.parametrize("ratio", [2, 4, 10, 20, 50])
def test_prices_that_are_no_whole_cents_any_more_tell_a_split_from_a_rounding(ratio: int) -> None:
    frame, found = list_applied(in_cents(40, ratio))
    assert len(found) == 1 and frame["split_ratio"][40] == ratio


@pytest.mark.parametrize(
    ("step", "cents"), [(2, True), (10, True), (50, True), (5, False), (10, False), (20, False)]
)
def test_volumes_rounded_by_a_vendor_are_no_split(step: int, cents: bool) -> None:
    bars = quiet(80)
    if cents:
        bars = bars.round({"open": 2, "high": 2, "low": 2, "close": 2})
    bars.loc[:39, "volume"] = bars.loc[:39, "volume"] // step * step
    frame, found = list_applied(bars)
    assert found == []
    pd.testing.assert_frame_equal(frame, bars)


def test_a_volume_beyond_whole_numbers_is_passed_over() -> None:
    bars = applied(40, 4)
    bars.loc[10, "volume"] = 1e20
    assert len(list_applied(bars)[1]) == 1
