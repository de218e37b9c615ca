"""The default forecaster: its law, its limits, and bars that are not as they should be."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from core.features.panel import Panel
from core.foundation.errors import InvalidInputError, NotEnoughHistoryError
from core.market_data.sources.sample import SampleSource
from core.models import create
from core.models.base import Forecaster
from core.reference.adjustments import adjust
from core.reference.schema import FORECAST_COLUMNS, HORIZONS, LEVELS
from tests.support.bars import frame, walk, walks


@pytest.fixture(scope="module")
def fitted(panel_bars: pd.DataFrame) -> Forecaster:
    return create("har").fit(panel_bars)


def prices(forecast: pd.DataFrame) -> np.ndarray:
    return forecast["price"].to_numpy().reshape(-1, len(HORIZONS), len(LEVELS))


def test_forecast_keeps_the_contract(fitted: Forecaster, panel_bars: pd.DataFrame) -> None:
    found = fitted.predict(panel_bars)
    assert list(found.columns) == list(FORECAST_COLUMNS)
    assert len(found) == 3 * 20 * 7
    assert found["created_at"].isna().all() and set(found["model_version"]) == {"har"}
    first = found.iloc[0]
    assert first["as_of"] == pd.Timestamp("2024-06-28")
    assert first["target_session"] == pd.Timestamp("2024-07-01")
    # Independence Day lies between.
    assert found.iloc[4 * 7]["target_session"] == pd.Timestamp("2024-07-08")
    keys = ["ticker", "as_of", "horizon", "quantile"]
    assert found[keys].equals(found[keys].sort_values(keys, ignore_index=True))


def test_targets_follow_the_ticker_s_own_calendar(fitted: Forecaster) -> None:
    found = fitted.predict(walk("2330.TW", 200, end="2024-04-03"), horizons=[1])
    assert set(found["target_session"]) == {pd.Timestamp("2024-04-08")}, "Tomb Sweeping Day"


def test_twice_the_volatility_is_twice_the_width(fitted: Forecaster) -> None:
    calm, wild = walk("A", 600, 1, volatility=0.01), walk("A", 600, 1, volatility=0.03)
    widths = []
    for bars in (calm, wild):
        found = np.log(prices(create("har").fit(bars).predict(bars)))[0]
        widths.append(found[:, 5] - found[:, 1])
    np.testing.assert_allclose(widths[1] / widths[0], 3.0, rtol=0.05)


def test_the_number_of_threads_changes_no_bit() -> None:
    bars, found = walks(4, 1500), []
    for threads in (1, 2):
        with threadpool_limits(limits=threads, user_api="blas"):
            found.append(create("har").fit(bars).to_arrays())
    assert all((found[0][name] == found[1][name]).all() for name in found[0])


@pytest.fixture(scope="module")
def learned_from_the_sample() -> Forecaster:
    source, at = SampleSource(), datetime(2026, 1, 1, tzinfo=UTC)
    bars = [source.fetch(ticker, None, None, at) for ticker in source.tickers()]
    return create("har").fit(pd.concat(bars, ignore_index=True))


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0, 2.0])
def test_ranges_of_another_make_do_not_mislead_about_a_ticker_unknown_at_fit(
    learned_from_the_sample: Forecaster, share: float
) -> None:
    """Of the right width within a fourth; by the law of the others alone it is off by half."""
    bars = walk("ODD", 2000, 7, volatility=0.02)
    higher, lower = bars[["open", "close"]].max(axis=1), bars[["open", "close"]].min(axis=1)
    bars["high"] = higher + share * (bars["high"] - higher).clip(lower=0.0)
    bars["low"] = lower - share * (lower - bars["low"]).clip(lower=0.0)
    found = np.log(prices(learned_from_the_sample.predict(bars)))[0]
    right = 2 * 1.2816 * 0.02  # from the 10th to the 90th percentile
    np.testing.assert_allclose((found[:, 5] - found[:, 1])[0], right, rtol=0.25)
    np.testing.assert_allclose((found[:, 5] - found[:, 1])[19], right * np.sqrt(20), rtol=0.25)


def test_a_model_of_before_strides_were_learned_still_forecasts(fitted: Forecaster) -> None:
    arrays = fitted.to_arrays()
    del arrays["stride"]
    old, strange = create("har").load_arrays(arrays), walk("ODD", 600, 7)
    assert np.isfinite(prices(old.predict(strange))).all()


def test_width_follows_a_change_of_volatility() -> None:
    volatility = np.repeat(
        [0.01, 0.03] * 6, [90, 80, 140, 60, 100, 120, 70, 130, 90, 110, 110, 100]
    )
    bars = walk("A", 1200, 2, volatility=volatility)
    panel = Panel.of(bars)
    fitted = create("har").fit(bars)
    found = fitted.returns(panel, np.array([1090, 1190]), horizons=[5])
    calm, wild = found[:, 0, 5] - found[:, 0, 1]
    assert wild > 1.5 * calm


def test_a_ticker_unknown_at_fit_gets_the_pooled_law(fitted: Forecaster) -> None:
    arrays = fitted.to_arrays()
    bars = walk("NEW", 300, 8)
    found = np.log(prices(fitted.predict(bars))[0] / bars["close"].iloc[-1])
    shape = np.diff(found) / (found[:, 5:6] - found[:, 1:2])
    pooled = np.diff(arrays["pooled"]) / (arrays["pooled"][:, 5:6] - arrays["pooled"][:, 1:2])
    np.testing.assert_allclose(shape, pooled, rtol=1e-9)


def test_other_levels_lie_between_the_stated_ones(
    fitted: Forecaster, panel_bars: pd.DataFrame
) -> None:
    found = fitted.predict(panel_bars, horizons=[3], quantiles=[0.01, 0.10, 0.6, 0.75])
    predicted = fitted.predict(panel_bars, horizons=[3]).set_index(["ticker", "quantile"])["price"]
    price = found.set_index(["ticker", "quantile"])["price"]
    np.testing.assert_array_equal(price["T0"][[0.10, 0.75]], predicted["T0"][[0.10, 0.75]])
    assert price["T0"][0.01] < predicted["T0"][0.05] < predicted["T0"][0.50] < price["T0"][0.6]


def test_prices_are_in_raw_units_whether_the_bars_are_adjusted_or_not(fitted: Forecaster) -> None:
    bars = walk("A", 400, 3)
    bars.loc[399, "dividend"] = 3.0
    bars.loc[350, "split_ratio"] = 2.0
    bars.loc[350:, ["open", "high", "low", "close"]] /= 2.0
    origins = [bars["session"].iloc[340], bars["session"].iloc[-1]]
    raw = fitted.predict(bars, origins=origins)
    adjusted = fitted.predict(adjust(bars), origins=origins)
    np.testing.assert_allclose(raw["price"], adjusted["price"], rtol=1e-9)
    medians = raw[(raw["quantile"] == 0.5) & (raw["horizon"] == 1)]["price"]
    np.testing.assert_allclose(medians, bars["close"].iloc[[340, 399]], rtol=0.02)


def test_unusable_questions_are_refused(fitted: Forecaster, panel_bars: pd.DataFrame) -> None:
    for horizons in ([0], [21], [1.5]):
        with pytest.raises(InvalidInputError, match="horizon"):
            fitted.predict(panel_bars, horizons=horizons)  # type: ignore[arg-type]
    for quantiles in ([0.0], [1.0], [-0.1, 0.5], []):
        with pytest.raises(InvalidInputError, match="between 0 and 1"):
            fitted.predict(panel_bars, quantiles=quantiles)


def test_too_little_history_says_how_much_is_needed(fitted: Forecaster) -> None:
    with pytest.raises(NotEnoughHistoryError, match="^A needs at least 131 sessions, has 1.$"):
        fitted.predict(pd.concat([walk("A", 1), walk("B", 300)]))
    with pytest.raises(NotEnoughHistoryError, match="^A needs at least 280 sessions, has 279.$"):
        create("har").fit(walk("A", 279))
    with pytest.raises(NotEnoughHistoryError, match="has 0"):
        create("har").fit(walk("A", 1).iloc[:0])
    assert len(fitted.predict(walk("A", 131), horizons=[1])) == 7


def test_until_hides_what_comes_later(panel_bars: pd.DataFrame) -> None:
    until = panel_bars["session"].iloc[500]
    known = panel_bars[panel_bars["session"] <= until]
    early, cut = create("har").fit(panel_bars, until=until), create("har").fit(known)
    for name, array in cut.to_arrays().items():
        np.testing.assert_array_equal(early.to_arrays()[name], array)


def _closes_only(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.assign(open=np.nan, high=np.nan, low=np.nan)


def _no_volume(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.assign(volume=np.nan)


def _gap(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.drop(index=range(300, 360))


def _one_still(bars: pd.DataFrame) -> pd.DataFrame:
    still = frame("STILL", bars["session"].iloc[:700], np.full(700, 12.5))
    return pd.concat([bars, still], ignore_index=True)


@pytest.mark.parametrize("damage", [_closes_only, _no_volume, _gap, _one_still])
def test_bars_with_something_missing_are_forecast(damage: object, panel_bars: pd.DataFrame) -> None:
    bars = damage(panel_bars)  # type: ignore[operator]
    found = prices(create("har").fit(bars).predict(bars))
    assert np.isfinite(found).all() and (found > 0).all()
    assert (np.diff(found, axis=-1) >= 0).all()


@pytest.mark.parametrize("name", ["har", "random_walk"])
def test_prices_that_all_stand_still_are_forecast_to_stay(name: str) -> None:
    still = frame("A", pd.bdate_range("2022-01-03", periods=400), np.full(400, 12.5))
    np.testing.assert_allclose(create(name).fit(still).predict(still)["price"], 12.5, rtol=1e-12)


def test_one_row_tickers_do_not_disturb_a_fit(fitted: Forecaster, panel_bars: pd.DataFrame) -> None:
    with_one = pd.concat([panel_bars, walk("ONE", 1)])
    for name, array in create("har").fit(with_one).to_arrays().items():
        np.testing.assert_array_equal(fitted.to_arrays()[name], array)


def test_many_forecasts_take_no_loop_over_tickers(fitted: Forecaster) -> None:
    panel = Panel.of(walks(40, 150))
    rows = panel.rows_at(None)
    assert fitted.returns(panel, rows).shape == (40, 20, 7)
