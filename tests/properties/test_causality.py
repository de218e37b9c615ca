"""Nothing looks ahead: a truncated or altered future changes nothing before it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.features import build
from core.features.spec import HAR
from core.models import NAMES, create
from tests.support.backtests import backtest
from tests.support.bars import walks

BARS = walks(3, 420, seed=21)
SESSIONS = pd.DatetimeIndex(BARS["session"].unique())
FITTED = [create(name).fit(BARS, until=SESSIONS[350]) for name in NAMES]


def cut(at: int) -> pd.DataFrame:
    return BARS[BARS["session"] <= SESSIONS[at]]


def altered(at: int) -> pd.DataFrame:
    bars = BARS.copy()
    later = bars["session"] > SESSIONS[at]
    for name in ("open", "high", "low", "close", "volume"):
        bars.loc[later, name] *= 10.0
    return bars


@settings(max_examples=8, deadline=None)
@given(st.integers(140, 400))
def test_features_do_not_see_the_future(at: int) -> None:
    until = SESSIONS[at]
    expected = build(BARS)
    expected = expected[expected["session"] <= until].reset_index(drop=True)
    for other in (cut(at), altered(at)):
        found = build(other)
        found = found[found["session"] <= until].reset_index(drop=True)
        assert len(found) == 3 * (at + 1) and found[list(HAR.names)].notna().any().all()
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


@settings(max_examples=8, deadline=None)
@given(st.integers(140, 400))
def test_forecasts_do_not_see_the_future(at: int) -> None:
    origins = [SESSIONS[at], SESSIONS[at - 5]]
    for forecaster in FITTED:
        expected = forecaster.predict(BARS, origins=origins)
        for other in (cut(at), altered(at)):
            found = forecaster.predict(other, origins=origins)
            pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize(
    ("name", "most"), [("har", 4), ("random_forest", 1), ("gradient_boosting", 1)]
)
def test_fits_do_not_see_beyond_until(name: str, most: int) -> None:
    @settings(max_examples=most, deadline=None)
    @given(st.integers(300, 400))
    def holds(at: int) -> None:
        expected = create(name).fit(BARS, until=SESSIONS[at]).to_arrays()
        assert expected
        for other in (cut(at), altered(at)):
            found = create(name).fit(other, until=SESSIONS[at]).to_arrays()
            for key, array in expected.items():
                np.testing.assert_array_equal(found[key], array)

    holds()


def test_backtest_scores_do_not_see_beyond_their_target() -> None:
    bars = walks(2, 600, seed=5)
    sessions = pd.DatetimeIndex(bars["session"].unique())
    origins = sessions[400:560:8]
    expected = backtest("har", bars, origins=origins)
    end = sessions[500]
    bars.loc[bars["session"] > end, ["open", "high", "low", "close"]] *= 10.0
    found = backtest("har", bars, origins=origins)
    known = expected["target_session"] <= end
    assert known.sum() > 300
    pd.testing.assert_frame_equal(found[known], expected[known], check_exact=True)


def test_a_later_split_or_dividend_changes_no_past_score() -> None:
    bars = walks(2, 600, seed=6)
    sessions = pd.DatetimeIndex(bars["session"].unique())
    origins = sessions[400:500:10]
    expected = backtest("har", bars, origins=origins)
    of_one = bars["ticker"] == "T0"
    bars.loc[of_one & (bars["session"] == sessions[550]), "dividend"] = 1.5
    bars.loc[of_one & (bars["session"] == sessions[570]), "split_ratio"] = 4.0
    prices = ["open", "high", "low", "close"]
    bars.loc[of_one & (bars["session"] >= sessions[570]), prices] /= 4.0
    found = backtest("har", bars, origins=origins)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
