"""The width follows how past bands fared, and nothing else does."""

import numpy as np
import pandas as pd
import pytest

from core.models.distribution import Distribution
from core.models.recalibration import log_factors, recalibrate
from core.reference.schema import HORIZONS, LEVELS
from tests.support.backtests import backtest
from tests.support.bars import walk

DISTRIBUTION = Distribution(
    np.outer(np.sqrt(HORIZONS), np.linspace(-0.03, 0.03, len(LEVELS))) + 0.001
)


def issued(inside: float, sessions: int = 40, horizon: int = 1) -> pd.DataFrame:
    """Scores of so many sessions, two tickers each; on every one this share fell inside."""
    dates = pd.bdate_range("2024-01-02", periods=sessions).repeat(2)
    named = {f"inside_{share}": inside for share in (80, 90)}
    return pd.DataFrame({"horizon": horizon, "target_session": dates, **named})


def test_without_a_past_nothing_changes() -> None:
    found = recalibrate(DISTRIBUTION, issued(0.8).iloc[:0])
    np.testing.assert_array_equal(found.returns, DISTRIBUTION.returns)
    unknown = issued(1.0).assign(inside_80=np.nan, inside_90=np.nan)
    np.testing.assert_array_equal(recalibrate(DISTRIBUTION, unknown).returns, DISTRIBUTION.returns)


def test_misses_widen_and_hits_narrow_their_horizon_alone_around_the_median() -> None:
    wide, narrow = (
        recalibrate(DISTRIBUTION, issued(0.0)).returns,
        recalibrate(DISTRIBUTION, issued(1.0)).returns,
    )
    spread = DISTRIBUTION.returns[0, -1] - DISTRIBUTION.returns[0, 0]
    assert wide[0, -1] - wide[0, 0] == pytest.approx(spread * 2.0, rel=0.03), "it has a limit"
    assert narrow[0, -1] - narrow[0, 0] < 0.9 * spread
    for found in (wide, narrow):
        np.testing.assert_allclose(found[0, 3], DISTRIBUTION.returns[0, 3], rtol=1e-12)
        np.testing.assert_array_equal(found[1:], DISTRIBUTION.returns[1:])
        assert (np.diff(found, axis=-1) > 0).all()


def test_the_share_that_was_promised_changes_nothing() -> None:
    scores = issued(0.85, 100)  # half way between what the two bands promise
    assert abs(log_factors(scores)[0]) < 1e-9


def test_long_horizons_learn_more_slowly_and_old_misses_fade() -> None:
    missed = issued(0.0, 12)
    short, long = log_factors(missed)[0], log_factors(issued(0.0, 12, 16))[15]
    assert 0 < long == pytest.approx((short + 0.1) / 4.0 - 0.1)
    later = issued(0.85, 1).assign(target_session=pd.Timestamp("2025-01-06"))
    assert 0 < log_factors(pd.concat([missed, later]))[0] < 0.5 * short


@pytest.mark.parametrize(("inside", "sessions"), [(0.6, 6), (1.0, 10)])
def test_what_chance_alone_adds_up_to_changes_not_a_bit(inside: float, sessions: int) -> None:
    scores = issued(inside, sessions)
    assert (log_factors(scores) == 0.0).all()
    np.testing.assert_array_equal(recalibrate(DISTRIBUTION, scores).returns, DISTRIBUTION.returns)


def test_only_what_lies_beyond_it_is_taken_over() -> None:
    """Without the tenth that is left out, factors are as the shares missed too many."""
    some, more, none = (log_factors(issued(inside, 20))[0] for inside in (0.45, 0.25, 1.0))
    assert some > 0.1 and none < 0.0
    assert (some + 0.1) / (more + 0.1) == pytest.approx(0.4 / 0.6)
    assert (none - 0.1) / (more + 0.1) == pytest.approx(-0.15 / 0.6)


def test_several_rows_at_once_and_a_ledger_that_knows_one_band() -> None:
    past = issued(0.2).drop(columns="inside_90")
    many = Distribution(np.stack([DISTRIBUTION.returns, 2.0 * DISTRIBUTION.returns]))
    found = recalibrate(many, past).returns
    np.testing.assert_allclose(found[0], recalibrate(DISTRIBUTION, past).returns)
    assert found[1, 0, -1] > many.returns[1, 0, -1]


def test_a_backtest_learns_only_from_targets_known_by_then() -> None:
    wilder = 0.02 * np.where(np.arange(600) < 400, 1.0, 4.0)
    bars = pd.concat([walk(f"T{k}", 600, k, wilder) for k in (5, 6)], ignore_index=True)
    sessions = pd.DatetimeIndex(bars["session"].unique())
    expected = backtest("har", bars, origins=sessions[400:520:4], recalibrated=True)
    later = bars.copy()
    later.loc[later["session"] > sessions[470], ["open", "high", "low", "close"]] *= 10.0
    found = backtest("har", later, origins=sessions[400:520:4], recalibrated=True)
    known = expected["target_session"] <= sessions[470]
    assert known.sum() > 300
    pd.testing.assert_frame_equal(found[known], expected[known], check_exact=True)
    plain = backtest("har", bars, origins=sessions[400:520:4])
    assert (plain["width_80"] != expected["width_80"])[known].mean() > 0.3
    first = expected["as_of"] == sessions[400]
    pd.testing.assert_frame_equal(expected[first], plain[first], check_exact=True)
