"""All forecasts lie at the same long-run premium, however well their tickers did."""

import math

import numpy as np
import pandas as pd
import pytest

from core.features.panel import Panel
from core.foundation.errors import InvalidInputError
from core.models import NAMES, create, restore
from core.models.base import Forecaster, Location
from core.models.distribution import Distribution
from core.reference.schema import HORIZONS
from tests.support.bars import frame, walk

PLACED = ("har", "gradient_boosting", "constant_width")
SESSIONS = 1000
PRIOR = 0.06 / 252  # log return a session
SEEN_YEARS = (SESSIONS - 130 - 20) / 252  # behind the warm-up, before the last known target


def grown(ticker: str, a_year: float, seed: int = 1, volatility: float = 0.01) -> pd.DataFrame:
    """A walk whose mean log return is exactly so many a year."""
    bars = walk(ticker, SESSIONS, seed, volatility)
    ahead = np.log(bars["close"].iloc[-1] / bars["close"].iloc[0]) / (SESSIONS - 1)
    lift = np.exp((a_year / 252 - ahead) * np.arange(SESSIONS))
    for name in ("open", "high", "low", "close"):
        bars[name] *= lift
    return bars


def distribution_of(model: Forecaster, bars: pd.DataFrame) -> Distribution:
    return Distribution(model.returns(Panel.of(bars), np.array([len(bars) - 1])))


@pytest.mark.parametrize("name", PLACED)
@pytest.mark.parametrize("a_year", [-0.5, 0.0, 0.6])
def test_a_survivor_s_own_drift_hardly_counts(name: str, a_year: float) -> None:
    """As of a specialist, which learns from one ticker alone: the prior weighs a century."""
    bars = grown("A", a_year)
    found = distribution_of(create(name).fit(bars), bars)
    weight = SEEN_YEARS / (SEEN_YEARS + 100.0)
    expected = weight * a_year / 252 + (1.0 - weight) * PRIOR
    slack = weight * 0.1 / 252  # the sessions learned from are not quite all of them
    np.testing.assert_allclose(found.mean()[0] / HORIZONS, expected, atol=slack)
    assert (np.abs(found.probability_up() - 0.5) < 0.1).all()
    assert (np.diff(found.returns, axis=-1) >= 0).all()


@pytest.mark.parametrize("name", PLACED)
def test_tickers_that_did_well_and_badly_lie_at_the_same_mean(name: str) -> None:
    bars = pd.concat([grown("BAD", -0.3, 2), grown("GOOD", 0.5, 3, 0.02)], ignore_index=True)
    panel = Panel.of(bars)
    distribution = Distribution(create(name).fit(bars).returns(panel, panel.rows_at(None)))
    np.testing.assert_allclose(distribution.mean()[0], distribution.mean()[1], rtol=1e-9)
    wide, calm = distribution.probability_beyond(0.05)[1], distribution.probability_beyond(0.05)[0]
    assert (wide > 1.5 * calm)[4:].all(), "the width tells them apart"


@pytest.mark.parametrize("name", PLACED)
def test_next_to_no_risk_earns_next_to_nothing(name: str) -> None:
    bars = walk("BILL", SESSIONS, 4, volatility=1e-5)
    assert (
        np.abs(distribution_of(create(name).fit(bars), bars).probability_up() - 0.5) < 0.2
    ).all()
    still = frame("STILL", bars["session"], np.full(SESSIONS, 12.5))
    np.testing.assert_allclose(
        distribution_of(create(name).fit(still), still).mean(), 0.0, atol=1e-3
    )


@pytest.mark.parametrize("name", PLACED)
def test_a_model_of_before_is_moved_to_the_prior_alone(name: str) -> None:
    bars = grown("A", 0.6)
    model = create(name).fit(bars)
    arrays = model.to_arrays()
    del arrays["premium"]
    old = distribution_of(restore(name, model.params(), arrays), bars)
    np.testing.assert_allclose(old.mean()[0] / HORIZONS, PRIOR, rtol=1e-9)
    shape = np.diff(distribution_of(model, bars).returns)
    np.testing.assert_allclose(np.diff(old.returns), shape, atol=1e-15)
    for damaged in (np.array([math.nan]), np.zeros(2), np.array(["high"])):
        with pytest.raises(InvalidInputError, match=f"stored {name} model has no usable premium"):
            restore(name, model.params(), {**arrays, "premium": damaged})


def test_every_forecaster_says_where_it_lies() -> None:
    found = {name: create(name).location for name in NAMES}
    assert {name for name, at in found.items() if at is Location.PREMIUM} == set(PLACED)
    assert found["random_forest"] is Location.PREDICTED
    assert {found[name] for name in ("random_walk", "drift")} == {Location.OWN_PAST}
    assert {found[name] for name in ("ewma", "random_walk_gauss")} == {Location.CLOSE}
