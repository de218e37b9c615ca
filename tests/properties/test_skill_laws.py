"""Skill is claimed where there is some, and hardly ever where there is none."""

import os
from typing import ClassVar, Self

import numpy as np
import pandas as pd
import pytest

from core.evaluation.metrics.skill import Skill, skill
from core.evaluation.reports.leaderboard import leaderboard
from core.evaluation.reports.pairwise import pairwise
from core.evaluation.walk_forward.backtest import backtests
from core.features.panel import Panel
from core.models import create
from core.models.base import Forecaster
from core.reference.schema import HORIZONS, LEVELS
from tests.support.bars import walk

# `make soak` walks 200 times.
WALKS = max(int(os.environ.get("TICKERLENS_TRIALS", "5")), 40)


def judged(bars: pd.DataFrame) -> Skill:
    runs = backtests({name: create(name) for name in ("har", "constant_width")}, bars)
    return skill(runs["har"], runs["constant_width"])


def persistent(sessions: int, seed: int) -> np.ndarray:
    """Volatility whose log is an AR(1) around 2 %."""
    source = np.random.default_rng(seed)
    level = np.zeros(sessions)
    for at in range(1, sessions):
        level[at] = 0.97 * level[at - 1] + 0.15 * source.standard_normal()
    return 0.02 * np.exp(level)


def heavy(sessions: int, seed: int) -> np.ndarray:
    """Volatility of a session as of Student's law with three degrees of freedom: fat tails."""
    return 0.02 / np.sqrt(np.random.default_rng(5_000 + seed).chisquare(3, sessions))


@pytest.mark.parametrize("tails", ["normal", pytest.param("heavy", marks=pytest.mark.soak)])
def test_at_most_2_of_40_random_walks_claim_skill(tails: str) -> None:
    """At any horizon of the page, or over all together; in `make soak` at most 10 of 200."""
    # One ticker each: nothing to pool, so what is left of skill is chance.
    found = [
        judged(walk("A", 900, seed, 0.02 if tails == "normal" else heavy(900, seed)))
        for seed in range(1, WALKS + 1)
    ]
    assert len(found) == WALKS >= 40
    claims = [[one for one in (each, *each.horizons) if one.verdict == "shown"] for each in found]
    print(f"{sum(map(bool, claims))} of {WALKS} walks with {tails} tails claim skill somewhere")
    assert all(len(each.horizons) == len(HORIZONS) for each in found)
    assert sum(map(bool, claims)) <= 0.05 * WALKS
    assert sum(each.low > 0 for each in found) <= 0.1 * WALKS, "the first band alone"


def test_what_is_planted_at_one_horizon_is_found_at_that_one() -> None:
    bars = walk("A", 900, 3)
    runs = backtests({name: create(name) for name in ("har", "constant_width")}, bars)
    scores, constant = runs["har"], runs["constant_width"]
    at_5, at_20 = scores["horizon"] == 5, scores["horizon"] == 20
    planted = scores.assign(
        pinball=scores["pinball"] * np.select([at_5, at_20], [0.85, 1.15], default=1.0)
    )
    found = skill(planted, constant)
    verdicts = {one.horizon: one.verdict for one in found.horizons}
    assert (verdicts[5], verdicts[20]) == ("shown", "worse")
    assert [horizon for horizon in verdicts if verdicts[horizon] == "shown"] == [5]
    last = found.at(20)
    assert last is not None and set(last.worse_than) == {"random_walk", "constant_width"}


def test_a_planted_ar1_in_volatility_is_found() -> None:
    bars = pd.concat(
        [walk(f"T{k}", 1_500, k, persistent(1_500, 90 + k)) for k in range(3)], ignore_index=True
    )
    found = judged(bars)
    assert found.verdict == "shown" and found.value > 0.02
    assert found.against_constant is not None and found.against_constant.low > 0


class Autoregression(Forecaster):
    """Knows what was planted below: a return pulls the next one along. Only for the test."""

    name: ClassVar[str] = "autoregression"
    min_observations: ClassVar[int] = 131

    def __init__(self) -> None:
        self.pull = 0.0

    def params(self) -> dict[str, float | int | str]:
        return {}

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        moved = np.diff(panel.log_close[panel.session <= pd.Timestamp(until).to_datetime64()])
        self.pull = float(moved[1:] @ moved[:-1] / (moved[:-1] @ moved[:-1]))
        return self

    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        last = panel.log_close[rows] - panel.log_close[rows - 1]
        ahead = self.pull ** np.array(HORIZONS)
        expected = last[:, None] * np.cumsum(ahead)
        around = create("random_walk").quantiles(panel, rows)
        shifted: np.ndarray = around + (expected - around[..., LEVELS.index(0.5)])[..., None]
        return shifted


def test_a_planted_ar1_in_returns_is_found_by_who_looks_for_it() -> None:
    bars = walk("A", 1_200, 5)
    moved = np.diff(np.log(bars["close"]), prepend=np.log(bars["close"].iloc[0]))
    for at in range(1, len(moved)):
        moved[at] += 0.4 * moved[at - 1]
    bars["close"] = 100 * np.exp(np.cumsum(moved))
    bars[["open", "high", "low"]] = np.nan
    entrants = {"autoregression": Autoregression(), "har": create("har")}
    origins = pd.DatetimeIndex(bars["session"])[-500:-20]
    runs = backtests(entrants, bars, origins)
    assert [one.verdict for one in skill(runs["autoregression"]).horizons[:1]] == ["shown"]
    nearest = leaderboard(runs, (1,)).set_index("forecaster")
    assert nearest.loc["autoregression", "skill_low"] > 0.02
    assert nearest.loc["autoregression", "hit_rate"] > 0.58
    pairs = pairwise(runs, (1,)).set_index(["forecaster", "baseline"])
    assert pairs.loc[("autoregression", "random_walk"), "p"] < 0.01
    assert pairs.loc[("autoregression", "random_walk"), "statistic"] > 0
    assert pairs.loc[("autoregression", "har"), "p"] < 0.01, "har says nothing of direction"
