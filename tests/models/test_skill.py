"""A claim of skill needs more than a longer memory."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.models.backtest import backtest
from core.models.skill import Band, Skill, skill, skill_by_ticker
from tests.bars import walk, walks

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
    assert replace(SOME, low=low, high=high).verdict == verdict


def test_a_claim_needs_the_other_band_too() -> None:
    assert replace(SOME, against_constant=Band(0.01, 0.005, 0.02)).verdict == "shown"
    assert replace(SOME, against_constant=Band(0.01, -0.005, 0.02)).verdict == "not shown"


def test_long_and_pooled_random_walks_claim_no_skill() -> None:
    # Against the 500-session baseline alone these panels claim skill about every other time.
    verdicts, tickers = [], []
    for seed in range(4):
        bars = walks(8, 1_800, seed)
        scores, constant = backtest("har", bars), backtest("constant_width", bars)
        verdicts.append(skill(scores, constant).verdict)
        tickers += [one.verdict for one in skill_by_ticker(scores, constant).values()]
    assert verdicts.count("shown") == 0
    assert len(tickers) == 32 and tickers.count("shown") <= 3


def test_a_volatility_that_clusters_is_found_against_both() -> None:
    level = np.where(np.sin(np.arange(1_800) / 40.0) > 0, 0.03, 0.008)
    bars = pd.concat([walk(f"T{k}", 1_800, k, level) for k in range(3)], ignore_index=True)
    found = skill(backtest("har", bars), backtest("constant_width", bars))
    assert found.verdict == "shown"
    assert found.against_constant is not None and found.against_constant.value > 0.05
