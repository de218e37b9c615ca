"""What chance gives: distances, thresholds and bounds against independent answers."""

import math

import numpy as np
import pandas as pd
import pytest

from core.evaluation.drift_thresholds import (
    MIN_WINDOWS,
    distance,
    mean_shift,
    reference_thresholds,
)


def panel(sessions: int, seed: int, scale: float = 1.0) -> pd.DataFrame:
    source = np.random.default_rng(seed)
    dates = pd.bdate_range("2015-01-01", periods=sessions).repeat(3)
    return pd.DataFrame(
        {
            "session": dates,
            "x": source.standard_normal(len(dates)) * scale,
            "y": source.standard_normal(len(dates)),
        }
    )


def test_a_shifted_sample_lies_as_far_as_it_was_shifted() -> None:
    values = np.arange(100.0)
    assert distance(values, values) == 0.0
    assert distance(values, values + 10.0) == pytest.approx(10.0 / values.std())
    with_gaps = np.append(values, [np.nan, np.inf])
    assert distance(with_gaps, values + 10.0) == pytest.approx(10.0 / values.std())


def test_a_column_that_never_moves_divides_by_no_zero() -> None:
    assert math.isfinite(distance(np.ones(50), np.ones(50)))


def test_thresholds_are_the_95_percent_point_of_the_past_windows() -> None:
    """Each from the second on is as far away as the nearer of whole past and window before."""
    frame = panel(200, 1)
    chance = reference_thresholds(frame, ["x", "y"], 20)
    assert chance is not None and chance.windows == 10
    dates = np.unique(frame["session"])
    windows = [
        frame["x"][frame["session"].isin(dates[20 * k : 20 * k + 20])].to_numpy() for k in range(10)
    ]
    expected = []
    for k in range(1, 10):
        whole = distance(frame["x"].to_numpy(), windows[k])
        expected.append(min(whole, distance(windows[k - 1], windows[k])))
    assert chance.thresholds["x"] == pytest.approx(np.quantile(expected, 0.95))


def test_too_few_windows_say_nothing() -> None:
    assert reference_thresholds(panel(20 * MIN_WINDOWS - 1, 1), ["x"], 20) is None
    assert reference_thresholds(panel(20 * MIN_WINDOWS, 1), ["x"], 20) is not None


def test_a_window_like_the_one_before_has_not_moved() -> None:
    """A lasting change is one only until it has been learned."""
    past = pd.concat([panel(400, 1), panel(20, 2, scale=3.0)], ignore_index=True)
    past["session"] = pd.bdate_range("2015-01-01", periods=420).repeat(3)
    chance = reference_thresholds(past, ["x"], 20)
    new, last = panel(20, 3, scale=3.0)["x"].to_numpy(), past["x"].to_numpy()[-60:]
    assert chance is not None
    assert distance(past["x"].to_numpy(), new) > chance.thresholds["x"]
    assert distance(last, new) <= chance.thresholds["x"]


def test_few_new_windows_of_the_same_law_go_beyond_the_budget() -> None:
    beyond = 0
    for seed in range(60):
        past, new = panel(400, seed), panel(20, 10_000 + seed)
        chance = reference_thresholds(past, ["x", "y"], 20)
        assert chance is not None
        moved = [
            min(
                distance(known[name].to_numpy(), new[name].to_numpy())
                for known in (past, past[-60:])
            )
            > bound
            for name, bound in chance.thresholds.items()
        ]
        beyond += sum(moved) > chance.allowed_exceedances
    assert beyond <= 6, "at most one in ten of pure chance"


def test_a_tripled_scale_goes_beyond_its_threshold() -> None:
    past, new = panel(400, 3), panel(20, 4, scale=3.0)
    chance = reference_thresholds(past, ["x"], 20)
    assert chance is not None
    assert distance(past["x"].to_numpy(), new["x"].to_numpy()) > 2 * chance.thresholds["x"]


def test_the_bound_of_a_mean_is_student_s_prediction_limit() -> None:
    past = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])
    found = mean_shift(past, 12.0)
    assert found is not None and (found.value, found.expected, found.blocks) == (12.0, 5.0, 9)
    # t(0.95, 8) = 1.8595 from a printed table; the sample deviation is sqrt(7.5)
    assert found.bound == pytest.approx(5.0 + 1.8595 * math.sqrt(7.5) * math.sqrt(10 / 9), abs=1e-3)
    assert mean_shift(past[: MIN_WINDOWS - 1], 12.0) is None
