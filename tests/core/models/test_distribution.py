"""The law from quantiles: exact at the levels, monotone between, tails by formula."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.foundation.errors import InvalidInputError
from core.models.distribution import Distribution
from core.reference.schema import LEVELS

# A logistic law is reproduced exactly: returns are linear in the log odds.
LOGISTIC = np.array([0.01 + 0.02 * math.log(level / (1 - level)) for level in LEVELS])


def test_stated_quantiles_come_back_exactly() -> None:
    returns = np.sort(np.random.default_rng(1).normal(size=(4, 3, 7)), axis=-1)
    np.testing.assert_array_equal(Distribution(returns).quantile(LEVELS), returns)


@pytest.mark.parametrize("level", [0.001, 0.04, 0.3, 0.62, 0.97, 0.9999])
def test_a_logistic_law_is_met_between_and_beyond_the_levels(level: float) -> None:
    distribution = Distribution(LOGISTIC)
    expected = 0.01 + 0.02 * math.log(level / (1 - level))
    assert distribution.quantile(level) == pytest.approx(expected, rel=1e-9)
    assert distribution.cdf(expected) == pytest.approx(level, rel=1e-9)


def test_probabilities_of_a_logistic_law() -> None:
    distribution = Distribution(LOGISTIC, close=100.0)
    assert distribution.probability_up() == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert distribution.probability_above(100 * math.exp(0.01)) == pytest.approx(0.5)
    assert distribution.price(0.5) == pytest.approx(100 * math.exp(0.01))


def test_the_mean_is_that_of_all_levels_tails_included() -> None:
    assert Distribution(LOGISTIC).mean() == pytest.approx(0.01, rel=1e-9)
    skewed = Distribution(np.array([[-0.30, -0.1, -0.02, 0.01, 0.03, 0.05, 0.06], [0.0] * 7]))
    levels = (np.arange(200_000) + 0.5) / 200_000
    np.testing.assert_allclose(skewed.mean(), skewed.quantile(levels).mean(axis=-1), atol=1e-6)


def test_a_move_beyond_a_share_goes_either_way() -> None:
    distribution = Distribution(LOGISTIC, close=100.0)

    def above(price: float) -> float:
        return 1 / (1 + math.exp((math.log(price / 100.0) - 0.01) / 0.02))

    assert distribution.probability_beyond(0.05) == pytest.approx(1.0 - above(95.0) + above(105.0))
    for share in (0.0, 1.0, -0.05, math.nan):
        with pytest.raises(InvalidInputError):
            distribution.probability_beyond(share)


def test_horizons_are_answered_at_once() -> None:
    returns = np.arange(1, 21)[:, None] * LOGISTIC
    distribution = Distribution(returns, close=np.full(20, 50.0))
    one = Distribution(returns[4], close=50.0)
    assert distribution.probability_above(55.0).shape == (20,)
    assert distribution.price([0.2, 0.8]).shape == (20, 2)
    assert distribution.cdf(0.03)[4] == one.cdf(0.03)
    assert distribution.probability_above(55.0)[4] == one.probability_above(55.0)


def test_equal_quantiles_are_a_jump() -> None:
    still = Distribution(np.zeros((2, 7)))
    np.testing.assert_array_equal(still.cdf(0.0), 1.0)
    np.testing.assert_array_equal(still.probability_up(), 0.0)
    np.testing.assert_array_equal(still.cdf(-1e-9), 0.0)
    np.testing.assert_array_equal(still.cdf(1e-9), 1.0)
    np.testing.assert_array_equal(still.quantile(0.999), 0.0)


def test_unknown_returns_have_unknown_probabilities() -> None:
    distribution = Distribution(np.full((2, 7), np.nan))
    assert np.isnan(distribution.cdf(0.0)).all() and np.isnan(distribution.quantile(0.4)).all()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=7, max_size=7),
    st.lists(st.floats(0.0001, 0.9999), min_size=2, max_size=20),
)
def test_quantiles_and_cdf_never_fall(returns: list[float], levels: list[float]) -> None:
    distribution = Distribution(np.sort(np.array(returns)), close=10.0)
    assert (np.diff(distribution.quantile(np.sort(levels))) >= 0).all()
    assert (distribution.price(np.sort(levels)) > 0).all()
    at = np.linspace(-2, 2, 41)
    found = np.array([float(distribution.cdf(x)) for x in at])
    assert (np.diff(found) >= 0).all() and (0 <= found).all() and (found <= 1).all()


@pytest.mark.parametrize(
    ("arguments", "parameter"),
    [
        ({"returns": LOGISTIC[::-1]}, "returns"),
        ({"returns": LOGISTIC[:3]}, "returns"),
        ({"returns": LOGISTIC, "close": 0.0}, "close"),
        ({"returns": LOGISTIC[:2], "levels": (0.5, 0.5)}, "quantiles"),
        ({"returns": LOGISTIC[:2], "levels": (0.0, 0.5)}, "quantiles"),
    ],
)
def test_impossible_laws_are_refused(arguments: dict[str, object], parameter: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Distribution(**arguments)  # type: ignore[arg-type]
    assert caught.value.parameter == parameter


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        Distribution(LOGISTIC).quantile(1.0)
    with pytest.raises(InvalidInputError):
        Distribution(LOGISTIC).probability_above(0.0)
