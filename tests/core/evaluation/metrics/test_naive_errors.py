"""The naive error against a plain loop."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.metrics import point_and_interval
from core.evaluation.metrics.naive_errors import naive_errors
from core.features.panel import Panel
from tests.support.bars import walk


def test_it_is_the_mean_of_the_returns_that_had_ended() -> None:
    bars = pd.concat([walk("A", 60, 1), walk("B", 200, 2)], ignore_index=True)
    panel = Panel.of(bars)
    rows = panel.rows_at(pd.DatetimeIndex(bars["session"].unique()).sort_values()[[150, 199]])
    found = naive_errors(panel, rows)
    assert len(rows) == 4 and found.shape == (4, 20)
    for at, row in enumerate(rows):
        log_close = panel.log_close[panel.first[panel.code[row]] : row + 1]
        for horizon in (1, 5, 20):
            moves = [
                abs(log_close[k] - log_close[k - horizon]) for k in range(horizon, len(log_close))
            ]
            expected = np.mean(moves) if moves else np.nan
            assert found[at, horizon - 1] == pytest.approx(expected, nan_ok=True)


def test_without_an_ended_return_it_is_unknown() -> None:
    panel = Panel.of(walk("A", 30, 1))
    found = naive_errors(panel, np.array([0, 5]))
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1, :5]).all() and np.isnan(found[1, 5:]).all()


def test_scaled_errors_by_hand() -> None:
    found = point_and_interval.scaled_error(
        np.array([3.0, 1.0]), np.array([1.0, 0.0]), np.array([2.0, 0.0])
    )
    np.testing.assert_array_equal(found, [1.0, np.nan])
