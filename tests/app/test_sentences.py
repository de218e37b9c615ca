"""The word on skill follows the band as it is printed."""

from dataclasses import replace

import pytest

from app.components.sentences import skill_sentence, skill_verdict
from core.models.skill import Skill

SOME = Skill(0.02, 0.01, 0.03, 119, "random_walk", "2011-03-09..2013-02-01", 0.79)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.03, "shown"),
        (-0.01, 0.03, "not shown"),
        (0.0004, 0.03, "not shown"),  # printed as 0.0 %
        (0.0, 0.0, "not shown"),
        (-0.03, -0.01, "worse"),
        (-0.03, -0.0004, "not shown"),
    ],
)
def test_a_band_that_reads_as_holding_zero_claims_nothing(
    low: float, high: float, verdict: str
) -> None:
    assert skill_verdict(replace(SOME, low=low, high=high)) == verdict


def test_unknown_skill_is_called_unknown() -> None:
    assert skill_verdict(None) == "unknown"
    assert "unknown" in skill_sentence(None, "all", "AAPL")


def test_the_sentence_names_n_window_baseline_and_band() -> None:
    said = skill_sentence(SOME, "AAPL", "AAPL")
    for fact in ("119", "2011-03-09 to 2013-02-01", "random walk", "+1.0 % to +3.0 %", "AAPL"):
        assert fact in said


def test_a_ticker_judged_by_the_others_is_told() -> None:
    said = skill_sentence(SOME, "all", "FB")
    assert "all tracked tickers" in said
    assert "FB alone has too few past forecasts" in said
