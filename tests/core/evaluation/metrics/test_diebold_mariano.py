"""Diebold-Mariano against statsmodels and by its size; see `other_answers.py`."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.evaluation.metrics.diebold_mariano import diebold_mariano

ANSWERS = pd.read_csv(Path(__file__).parent / "diebold_mariano.csv")


@pytest.mark.parametrize("case", sorted(ANSWERS["case"].unique()))
def test_statistic_and_p_are_those_of_statsmodels(case: int) -> None:
    rows = ANSWERS[ANSWERS["case"] == case]
    overlap, lag = int(rows["overlap"].iloc[0]), int(rows["lag"].iloc[0])
    found = diebold_mariano(rows["loss"].to_numpy(), rows["rival"].to_numpy(), overlap, lag)
    assert found.statistic == pytest.approx(rows["statistic"].iloc[0], rel=1e-9)
    assert found.p == pytest.approx(rows["p"].iloc[0], rel=1e-6)
    assert (found.n, found.lag) == (len(rows), lag)


def test_the_smaller_loss_has_the_sign_above_zero() -> None:
    source = np.random.default_rng(1)
    loss = source.uniform(1, 2, 100)
    ahead = diebold_mariano(loss, loss + source.uniform(0, 1, 100))
    behind = diebold_mariano(loss + 0.5 * source.uniform(0, 1, 100), loss)
    assert ahead.statistic > 5 and ahead.p < 1e-4 and behind.statistic < -5


def test_equals_seldom_differ_however_their_targets_overlap() -> None:
    source = np.random.default_rng(3)
    differ = 0
    for _ in range(400):
        noise = source.normal(size=(2, 124))
        loss, other = (np.convolve(one, np.ones(5), mode="valid") for one in noise)
        differ += diebold_mariano(loss, other, overlap=5).p < 0.05
    assert differ <= 40, "5 % are promised, and overlap costs a little of it"


def test_too_few_dates_or_no_difference_say_nothing() -> None:
    same = np.ones(50)
    for loss, other, overlap in (
        (same, same, 1),
        (same, same + 0.1, 1),
        (same[:1], same[:1], 1),
        (same[:0], same[:0], 1),
        (np.arange(9.0), np.arange(9.0) ** 2, 5),
    ):
        found = diebold_mariano(loss, other, overlap)
        assert np.isnan(found.statistic) and np.isnan(found.p) and found.n == len(loss)


def test_the_band_holds_zero_where_the_test_at_ten_percent_does_not_reject() -> None:
    source = np.random.default_rng(11)
    seen = set()
    for shift in (0.0, 0.1, 0.2, 0.3):
        loss = source.uniform(1, 2, 80)
        other = loss + source.normal(shift, 0.5, 80)
        found = diebold_mariano(loss, other, overlap=3)
        assert found.difference == pytest.approx((other - loss).mean(), rel=1e-12)
        assert found.low + found.high == pytest.approx(2 * found.difference)
        apart = not found.low < 0.0 < found.high
        assert apart == (found.p < 0.10)
        seen.add(apart)
    assert seen == {True, False}
