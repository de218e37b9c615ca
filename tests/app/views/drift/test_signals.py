"""Measures in words."""

import pytest

from app.views.drift.signals import label
from core.lifecycle.report_store import Measure


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("log_variance_1", "Log variance over 1 session"),
        ("leverage_1", "Signed returns over 1 session"),
        ("momentum_20", "Momentum over 20 sessions"),
        ("log_width_1", "Log width at 1 session"),
        ("coverage_80", "Coverage of the 80 % band"),
        ("something", "something"),
    ],
)
def test_one_session_is_one(name: str, expected: str) -> None:
    assert label(Measure(name, 0.0, 0.0, 0.0)) == expected
