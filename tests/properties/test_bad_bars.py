"""Bars that are not as they should be, for every forecaster."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, NotEnoughHistoryError, SchemaError
from core.models import NAMES, create
from core.reference.schema import HORIZONS, LEVELS
from tests.support.bars import frame, walk, walks

BARS = walks(3, 420, seed=9)
every = pytest.mark.parametrize("name", NAMES)


def prices(forecast: pd.DataFrame) -> np.ndarray:
    return forecast["price"].to_numpy().reshape(-1, len(HORIZONS), len(LEVELS))


def _closes_only(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.assign(open=np.nan, high=np.nan, low=np.nan)


def _some_closes_only(bars: pd.DataFrame) -> pd.DataFrame:
    own = bars["ticker"] == "T1"
    return pd.concat([bars[~own], _closes_only(bars[own])])


def _no_volume(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.assign(volume=np.nan)


def _gap(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.drop(index=range(300, 360))


def _one_still(bars: pd.DataFrame) -> pd.DataFrame:
    still = frame("STILL", bars["session"].iloc[:420], np.full(420, 12.5))
    return pd.concat([bars, still])


@every
@pytest.mark.parametrize("damage", [_closes_only, _some_closes_only, _no_volume, _gap, _one_still])
def test_bars_with_something_missing_are_forecast(
    name: str, damage: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    bars = damage(BARS)
    found = prices(create(name).fit(bars).predict(bars))
    assert len(found) == bars["ticker"].nunique()
    assert np.isfinite(found).all() and (found > 0).all()
    assert (np.diff(found, axis=-1) >= 0).all()
    width = np.log(found[:, :, 5] / found[:, :, 1])
    moving = np.array(sorted(bars["ticker"].unique())) != "STILL"
    assert (width[moving] > 0.01).all() and (width < 0.6).all()


@every
def test_prices_that_all_stand_still_are_forecast_to_stay(name: str) -> None:
    still = frame("A", pd.bdate_range("2022-01-03", periods=400), np.full(400, 12.5))
    found = prices(create(name).fit(still).predict(still))
    np.testing.assert_allclose(found, 12.5, rtol=1e-3)
    assert (np.diff(found, axis=-1) >= 0).all()


@every
def test_one_row_tickers_beside_good_ones_disturb_nothing(name: str) -> None:
    with_one = pd.concat([walk("ONE", 1), BARS, walk("ZED", 1)])
    alone, beside = create(name).fit(BARS), create(name).fit(with_one)
    for key, array in alone.to_arrays().items():
        np.testing.assert_array_equal(beside.to_arrays()[key], array)
    good = ["T0", "T1", "T2"]
    pd.testing.assert_frame_equal(
        beside.predict(with_one, tickers=good), alone.predict(BARS), check_exact=True
    )
    with pytest.raises(NotEnoughHistoryError, match=r"^ONE needs at least \d+ sessions, has 1.$"):
        beside.predict(with_one)


@every
def test_a_session_that_appears_twice_is_one_sentence(name: str) -> None:
    twice = pd.concat([BARS, BARS.iloc[[500]]])
    expected = f"^bars: session appears twice for T1 on {BARS['session'].iloc[500]:%Y-%m-%d}.$"
    with pytest.raises(SchemaError, match=expected):
        create(name).fit(twice)
    with pytest.raises(SchemaError, match=expected):
        create(name).predict(twice)


@every
@pytest.mark.parametrize("levels", [[0.0], [1.0], [-0.1, 0.5], [0.5, 1.5], [float("nan")], []])
def test_levels_that_are_none_are_refused(name: str, levels: list[float]) -> None:
    with pytest.raises(InvalidInputError, match="between 0 and 1"):
        create(name).predict(BARS, quantiles=levels)
