"""CRPS against scoringrules, and the transform of actuals; see `other_answers.py`."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.evaluation.metrics import point_and_interval
from core.evaluation.metrics.crps import crps
from core.evaluation.metrics.pit import BINS, histogram, pit
from core.models.distribution import Distribution
from core.reference.schema import LEVELS

ANSWERS = pd.read_csv(Path(__file__).parent / "crps.csv")
RETURNS = ANSWERS.filter(regex=r"^q\d\d$").to_numpy()


def test_the_score_is_that_of_scoringrules() -> None:
    found = crps(ANSWERS["actual"].to_numpy(), Distribution(RETURNS))
    closed = (ANSWERS["law"] == "logistic").to_numpy()
    assert closed.sum() == 18 and (~closed).sum() == 35
    expected = ANSWERS["crps"].to_numpy()
    np.testing.assert_allclose(found[closed], expected[closed], rtol=1e-9)
    # Theirs is a sum over two million levels.
    np.testing.assert_allclose(found[~closed], expected[~closed], atol=1e-7)


def test_the_score_is_twice_the_mean_pinball_over_all_levels() -> None:
    source = np.random.default_rng(2)
    distribution = Distribution(np.sort(source.normal(size=(5, 3, len(LEVELS))), axis=-1))
    actual = source.normal(size=(5, 3)) * 2
    grid = (np.arange(20_000) + 0.5) / 20_000
    dense = point_and_interval.pinball(
        actual, distribution.quantile(grid.tolist()), grid.tolist()
    ).mean(axis=-1)
    np.testing.assert_allclose(crps(actual, distribution), 2 * dense, rtol=1e-4)


def test_a_law_that_is_one_price_costs_the_distance() -> None:
    distribution = Distribution(np.zeros((3, len(LEVELS))))
    np.testing.assert_allclose(
        crps(np.array([-0.5, 0.0, 0.2]), distribution), [0.5, 0.0, 0.2], atol=1e-15
    )


def test_unknown_is_unknown() -> None:
    known, unknown = np.linspace(-1, 1, len(LEVELS)), np.full(len(LEVELS), np.nan)
    distribution, actual = Distribution(np.array([known, unknown])), np.array([np.nan, 0.0])
    assert np.isnan(crps(actual, distribution)).all() and np.isnan(pit(actual, distribution)).all()


def test_a_right_law_has_an_even_transform_and_a_narrow_one_a_bowl() -> None:
    source = np.random.default_rng(5)
    actual = source.logistic(0.0, 0.02, 40_000)
    odds = np.log(LEVELS) - np.log1p(-np.array(LEVELS))
    right = histogram(pit(actual, Distribution(np.tile(0.02 * odds, (40_000, 1)))))
    assert len(right) == BINS and (right["n"] == 40_000).all() and right["count"].sum() == 40_000
    np.testing.assert_allclose(right["share"], right["expected"], atol=0.006)
    narrow = histogram(pit(actual, Distribution(np.tile(0.01 * odds, (40_000, 1)))))["share"]
    assert narrow.iloc[[0, -1]].min() > 0.15 and narrow.iloc[4:6].max() < 0.08


def test_the_histogram_counts_by_hand_and_knows_nothing_of_nothing() -> None:
    found = histogram(np.array([0.0, 0.24, 0.26, 1.0, np.nan]), bins=4)
    assert found["count"].tolist() == [2, 1, 0, 1] and found["n"].tolist() == [4] * 4
    assert found["share"].tolist() == [0.5, 0.25, 0.0, 0.25]
    nothing = histogram(np.array([np.nan]))
    assert nothing["share"].isna().all() and (nothing["n"] == 0).all()
