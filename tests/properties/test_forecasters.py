"""What holds for every forecaster on any bars."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.metrics.skill import skill, skill_by_ticker
from core.features import build
from core.models import NAMES, create, restore
from core.reference.adjustments import adjust
from core.reference.schema import HORIZONS, LEVELS
from tests.support.backtests import backtest
from tests.support.bars import walk, walks

BARS = walks(3, 400, seed=31)
# Growing trees takes a second: they are given fewer examples of the same.
HEAVY = ("gradient_boosting", "random_forest")


def examples(name: str, most: int) -> settings:
    return settings(max_examples=2 if name in HEAVY else most, deadline=None)


@pytest.mark.parametrize("name", NAMES)
def test_row_order_changes_nothing(name: str) -> None:
    expected = create(name).fit(BARS).predict(BARS)

    @examples(name, 6)
    @given(seed=st.integers(0, 2**32 - 1))
    def holds(seed: int) -> None:
        shuffled = BARS.sample(frac=1, random_state=seed)
        found = create(name).fit(shuffled).predict(shuffled)
        pd.testing.assert_frame_equal(found, expected, check_exact=True)

    holds()


def test_row_order_changes_no_feature_and_no_score() -> None:
    bars = walks(2, 500, seed=3)
    shuffled = bars.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(build(bars), build(shuffled), check_exact=True)
    pd.testing.assert_frame_equal(
        backtest("har", bars), backtest("har", shuffled), check_exact=True
    )


@pytest.mark.parametrize("name", NAMES)
def test_quantiles_never_cross_and_prices_are_above_zero(name: str) -> None:
    @examples(name, 8)
    @given(
        seed=st.integers(0, 2**16),
        volatility=st.floats(1e-4, 0.3),
        price=st.floats(1e-3, 1e6),
        sessions=st.integers(290, 420),
    )
    def holds(seed: int, volatility: float, price: float, sessions: int) -> None:
        bars = walk("A", sessions, seed, volatility, start_price=price)
        found = create(name).fit(bars).predict(bars, quantiles=[0.001, *LEVELS, 0.999])["price"]
        prices = found.to_numpy().reshape(len(HORIZONS), len(LEVELS) + 2)
        assert (prices > 0).all() and np.isfinite(prices).all()
        assert (np.diff(prices, axis=-1) >= 0).all()

    holds()


@pytest.mark.parametrize("name", NAMES)
def test_width_grows_with_the_horizon_on_a_walk(name: str) -> None:
    widths = []
    for seed in range(12):
        bars = walk("A", 900, seed)
        found = np.log(create(name).fit(bars).predict(bars)["price"].to_numpy())
        found = found.reshape(len(HORIZONS), len(LEVELS))
        widths.append(found[:, 5] - found[:, 1])
    mean = np.mean(widths, axis=0)
    assert (np.diff(mean) > 0).all()
    np.testing.assert_allclose(mean[[0, 4, 19]] / np.sqrt([1, 5, 20]), 0.0513, rtol=0.12)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bars_give_the_same_bytes(name: str) -> None:
    one, two = create(name).fit(BARS), create(name).fit(BARS.copy())
    for key, array in one.to_arrays().items():
        assert array.tobytes() == two.to_arrays()[key].tobytes()
    again = restore(name, one.params(), one.to_arrays())
    for found in (two.predict(BARS), again.predict(BARS), one.predict(BARS)):
        pd.testing.assert_frame_equal(found, one.predict(BARS), check_exact=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_forecast_does_not_change_because_others_are_made_beside_it(name: str) -> None:
    fitted = create(name).fit(BARS)
    origins = pd.DatetimeIndex(BARS["session"].unique())[200:]
    many = fitted.predict(BARS, origins=origins)
    alone = fitted.predict(BARS, origins=origins[-1:])
    last = many[many["as_of"] == origins[-1]].reset_index(drop=True)
    pd.testing.assert_frame_equal(last, alone, check_exact=True)


@pytest.mark.parametrize(
    "use",
    [
        build,
        lambda bars: create("har").fit(bars).predict(bars),
        lambda bars: create("random_walk").fit(bars).predict(bars),
        lambda bars: create("random_forest").fit(bars).predict(bars),
        lambda bars: create("gradient_boosting").fit(bars).predict(bars),
        lambda bars: create("ewma").fit(bars).predict(bars),
        lambda bars: backtest("har", bars),
    ],
)
@pytest.mark.parametrize("read", [lambda bars: bars, adjust])
def test_bars_are_never_changed(
    use: Callable[[pd.DataFrame], object], read: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    bars = read(BARS)
    before = bars.copy(deep=True)
    use(bars)
    pd.testing.assert_frame_equal(bars, before, check_exact=True)


def test_scores_and_arrays_are_never_changed() -> None:
    scores = backtest("har", walks(2, 600))
    before = scores.copy(deep=True)
    skill(scores), skill_by_ticker(scores)
    pd.testing.assert_frame_equal(scores, before, check_exact=True)
    fitted = create("har").fit(BARS)
    arrays = fitted.to_arrays()
    restore("har", fitted.params(), arrays)
    arrays["pooled"][:] = 0.0
    assert (fitted.to_arrays()["pooled"] != 0).any(), "a caller's array is not the state"
