"""A claim of skill needs more than a longer memory."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.evaluation.metrics.skill import (
    Band,
    HorizonSkill,
    Skill,
    loss_reduction_at_horizons,
    relative_loss_reduction,
    skill,
    skill_by_ticker,
)
from tests.support.backtests import backtest
from tests.support.bars import walk, walks

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


def test_worse_is_said_against_either() -> None:
    worse = replace(SOME, against_constant=Band(-0.031, -0.041, -0.019))
    assert (worse.verdict, worse.worse_than) == ("worse", ("constant_width",))
    both = replace(worse, low=-0.02, high=-0.01)
    assert (both.verdict, both.worse_than) == ("worse", ("random_walk", "constant_width"))


def losses(seed: int, dates: int = 240) -> pd.DataFrame:
    """Losses of two equal forecasters at four horizons, a date each four sessions."""
    source, as_of = np.random.default_rng(seed), pd.bdate_range("2020-01-01", periods=4 * dates)
    frame = pd.MultiIndex.from_product([as_of[::4], (1, 2, 3, 4)], names=["as_of", "horizon"])
    made = frame.to_frame(index=False)
    made["baseline_pinball"] = source.uniform(0.5, 1.5, len(made))
    return made.assign(pinball=made["baseline_pinball"] * source.uniform(0.7, 1.3, len(made)))


def test_bands_of_four_horizons_hold_at_once_and_those_of_each_alone_do_not() -> None:
    """The truth is no skill: how often does a band of any horizon miss it?"""
    together, alone = 0, 0
    for seed in range(50):
        scores = losses(seed)
        bands = loss_reduction_at_horizons(scores)
        together += any(not band.low <= 0 <= band.high for band in bands.values())
        own = [relative_loss_reduction(rows) for _, rows in scores.groupby("horizon")]
        alone += any(not band.low <= 0 <= band.high for band in own)
        assert [band.value for band in own] == pytest.approx([one.value for one in bands.values()])
    assert together <= 10 < alone, "of 50; five are promised, and one band alone misses as often"


def test_a_price_that_never_moved_has_no_skill_at_any_horizon() -> None:
    still = losses(1).assign(pinball=0.0, baseline_pinball=0.0)
    assert set(loss_reduction_at_horizons(still).values()) == {Band(0.0, 0.0, 0.0)}


def test_what_is_kept_is_read_back_and_what_is_older_was_not_measured_by_horizon() -> None:
    one = HorizonSkill(5, 0.03, 0.01, 0.05, 119, "random_walk", 0.8, Band(0.02, 0.01, 0.03))
    whole = replace(SOME, horizons=(one,), against_constant=Band(0.01, 0.0, 0.02))
    stored = json.loads(json.dumps(whole.to_dict()))
    assert Skill.from_dict(stored) == whole and whole.at(5) == one and whole.at(6) is None
    del stored["horizons"]
    assert Skill.from_dict(stored) == replace(whole, horizons=())


@pytest.mark.soak
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
