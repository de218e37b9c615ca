"""The proof horizon by horizon, against numbers worked out by hand."""

import math

import pandas as pd
import pytest

from core.evaluation.reports.by_horizon import COLUMNS, by_horizon

SCORES = pd.DataFrame(
    {
        "ticker": ["A", "B", "A"],
        "as_of": pd.to_datetime(["2024-01-02", "2024-01-02", "2024-01-02"]),
        "horizon": [2, 2, 1],
        "pinball": [0.03, 0.01, 0.02],
        "baseline_pinball": [0.04, 0.04, 0.02],
        "inside_50": [1.0, 0.0, 0.0],
        "inside_80": [1.0, 1.0, 0.0],
        "inside_90": [1.0, 1.0, 1.0],
        "width_80": [0.1, 0.3, 0.1],
    }
)


def test_means_and_skill_by_hand() -> None:
    found = by_horizon(SCORES.assign(constant_pinball=[0.02, 0.02, 0.04]))
    assert tuple(found.columns) == COLUMNS and found["horizon"].tolist() == [1, 2]
    second = found.iloc[1]
    assert (second["n"], second["coverage_50"], second["coverage_80"]) == (2, 0.5, 1.0)
    assert second["pinball"] == pytest.approx(0.02) and second["width_80"] == pytest.approx(0.2)
    assert second["skill"] == pytest.approx(0.5)
    assert second["skill_against_constant"] == pytest.approx(0.0)
    assert found.iloc[0]["skill_against_constant"] == pytest.approx(0.5)


def test_what_was_not_measured_is_unknown() -> None:
    before = SCORES.copy()
    found = by_horizon(SCORES)
    assert found["skill_against_constant"].isna().all() and found["skill"].notna().all()
    pd.testing.assert_frame_equal(SCORES, before)


def test_a_baseline_without_loss_gives_no_skill() -> None:
    assert math.isnan(by_horizon(SCORES.assign(baseline_pinball=0.0)).loc[0, "skill"])
