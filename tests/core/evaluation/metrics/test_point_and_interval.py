"""Metrics against numbers worked out by hand."""

import numpy as np
import pytest

from core.evaluation.metrics import point_and_interval


def test_pinball_by_hand() -> None:
    found = point_and_interval.pinball(np.array([1.0]), np.array([[0.0, 3.0]]), (0.1, 0.9))
    np.testing.assert_allclose(found, [[0.1, 0.2]])


def test_pinball_is_least_at_the_true_quantile() -> None:
    actual = np.arange(101.0)
    losses = [
        point_and_interval.pinball(actual, np.full((101, 1), guess), (0.9,)).mean()
        for guess in range(101)
    ]
    assert int(np.argmin(losses)) == 90


def test_inside_and_coverage_by_hand() -> None:
    actual = np.array([1.0, 2.0, 3.0, np.nan])
    lower, upper = np.full(4, 2.0), np.full(4, 3.0)
    np.testing.assert_array_equal(
        point_and_interval.inside(actual, lower, upper), [0, 1, 1, np.nan]
    )
    assert point_and_interval.coverage(actual, lower, upper) == pytest.approx(2 / 3)
    assert np.isnan(point_and_interval.coverage(actual[3:], lower[3:], upper[3:]))


def test_width_by_hand() -> None:
    np.testing.assert_array_equal(point_and_interval.width(np.array([1.0]), np.array([4.0])), [3.0])


def test_hit_rate_skips_returns_that_did_not_move() -> None:
    actual = np.array([0.1, -0.1, 0.0, np.nan, 0.2])
    median = np.array([0.1, 0.1, 0.1, 0.1, 0.1])
    assert point_and_interval.hit_rate(actual, median) == pytest.approx(2 / 3)
    assert np.isnan(point_and_interval.hit_rate(actual[2:4], median[2:4]))
