"""The parts of a width add up to it, and each looks where it says it does."""

import numpy as np
import pandas as pd
import pytest

from core.features.panel import Panel
from core.features.spec import HAR
from core.models import create
from core.models.base import Forecaster
from core.models.width_drivers import COLUMNS, DAYS, DRIVERS, MARKET, QUARTER, driver_of, drivers
from core.reference.schema import HORIZONS
from tests.support.bars import walk


def clustered(sessions: int, seed: int) -> np.ndarray:
    """A volatility around 2 % that wanders by itself and forgets within weeks."""
    source, logged = np.random.default_rng(seed), np.zeros(sessions)
    for at in range(1, sessions):
        logged[at] = 0.95 * logged[at - 1] + 0.15 * source.standard_normal()
    return np.asarray(0.02 * np.exp(logged))


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    own = [walk(f"T{seed}", 900, seed, clustered(900, seed)) for seed in range(6)]
    return pd.concat(own, ignore_index=True)


@pytest.fixture(scope="module")
def model(bars: pd.DataFrame) -> Forecaster:
    return create("har").fit(bars)


def widths(model: Forecaster, panel: Panel, rows: np.ndarray) -> np.ndarray:
    """Of the 80 % interval around the median, (rows, horizons)."""
    predicted = model.quantiles(panel, rows)
    return np.asarray(predicted[:, :, 5] - predicted[:, :, 1])


def test_they_add_up_to_how_the_range_itself_changed(bars: pd.DataFrame, model: Forecaster) -> None:
    panel = Panel.of(bars)
    row = int(panel.first[2]) - 1
    found = drivers(model, panel, row)
    assert found is not None and list(found.columns) == list(COLUMNS)
    assert list(found["driver"]) == list(DRIVERS) * len(HORIZONS)
    sums = found.groupby("horizon")[["against_expected", "moved"]].sum()
    wide = widths(model, panel, np.arange(row - 249, row + 1))
    average = np.exp(np.log(wide).mean(axis=0))
    np.testing.assert_allclose(sums["against_expected"], wide[-1] / average - 1.0, atol=1e-9)
    np.testing.assert_allclose(sums["moved"], wide[-1] / wide[-2] - 1.0, atol=1e-9)
    assert (sums["moved"].abs() > 1e-6).all()


def test_one_wild_session_of_one_ticker_is_told_by_its_last_days(
    bars: pd.DataFrame, model: Forecaster
) -> None:
    wild = bars.copy()
    last = (wild["ticker"] == "T1") & (wild["session"] == wild["session"].max())
    wild.loc[last, "high"] *= 1.2
    found = drivers(model, Panel.of(wild), int(Panel.of(wild).first[2]) - 1)
    assert found is not None
    moved = found[found["horizon"] == 1].set_index("driver")["moved"]
    assert moved.idxmax() == DAYS and moved[DAYS] > 0.05


def test_later_sessions_and_other_rows_change_nothing(
    bars: pd.DataFrame, model: Forecaster
) -> None:
    cut = bars[bars["session"] <= np.sort(bars["session"].unique())[-50]]
    short, long = Panel.of(cut), Panel.of(bars)
    row = int(short.first[1]) - 1
    pd.testing.assert_frame_equal(drivers(model, short, row), drivers(model, long, row))


def test_a_young_ticker_has_no_usual_and_at_first_no_session_before(model: Forecaster) -> None:
    for sessions, average, moved in ((131, False, False), (132, False, True), (160, True, True)):
        panel = Panel.of(walk(sessions=sessions))
        found = drivers(model, panel, sessions - 1)
        assert found is not None
        assert (
            found["against_expected"].notna().all() == average
            and found["moved"].notna().all() == moved
        )


@pytest.mark.parametrize("name", ["constant_width", "random_walk", "ewma"])
def test_who_does_not_say_says_nothing(name: str, bars: pd.DataFrame) -> None:
    assert drivers(create(name).fit(bars), Panel.of(bars), 899) is None


def test_every_feature_has_a_driver() -> None:
    assert {driver_of(name) for name in HAR.names} | {QUARTER} == set(DRIVERS)
    assert driver_of("market_log_variance_1") == MARKET and driver_of("log_variance_3") == DAYS
