"""Variance and features against plain Python and pandas."""

import math

import numpy as np
import pandas as pd

from core.features.kernels import MIN_VARIANCE, QUIET_SHARE, daily_variance
from core.features.panel import Panel
from core.features.spec import HAR
from tests.support.bars import frame, walk


def test_variance_of_a_session_by_hand() -> None:
    open_, high, low, close = (
        np.array(x) for x in ([10.0, 11], [10.0, 12], [10.0, 10], [10.0, 11.5])
    )
    found = daily_variance(np.array([0, 2]), open_, high, low, close)
    assert math.isnan(found[0])
    inside = 0.5 * math.log(12 / 10) ** 2 - (2 * math.log(2) - 1) * math.log(11.5 / 11) ** 2
    assert found[1] == np.float64(inside + math.log(11 / 10) ** 2)


def test_variance_without_a_range_is_the_squared_return() -> None:
    nan = np.full(2, np.nan)
    found = daily_variance(np.array([0, 2]), nan, nan, nan, np.array([10.0, 11.0]))
    np.testing.assert_allclose(found[1], math.log(1.1) ** 2)


def test_variance_is_never_negative_with_an_open_outside_the_range() -> None:
    prices = [np.array(x) for x in ([10.0, 15.0], [10.0, 10.2], [10.0, 10.1], [10.0, 10.15])]
    assert daily_variance(np.array([0, 2]), *prices)[1] > 0


def test_tickers_do_not_touch() -> None:
    bars = pd.concat([walk("A", 200, 1, start_price=1.0), walk("B", 200, 2, start_price=1e5)])
    alone = Panel.of(walk("B", 200, 2, start_price=1e5)).features[:, : len(HAR.own_names)]
    together = Panel.of(bars).features[200:, : len(HAR.own_names)]
    np.testing.assert_array_equal(alone, together)


def naive_average(values: pd.Series, span: int) -> np.ndarray:
    """Plain mean of the first values, then exponential: pandas seeded with that mean."""
    seed = (span + 1) // 2
    head = values.expanding().mean().iloc[:seed]
    rest = pd.concat([head.iloc[-1:], values.iloc[seed:]]).ewm(alpha=2 / (span + 1), adjust=False)
    return np.r_[head.to_numpy(), rest.mean().to_numpy()[1:]]


def test_log_variances_are_exponential_averages() -> None:
    panel = Panel.of(walk("A", 400, 5))
    variance = pd.Series(panel.variance[1:])
    average = naive_average(variance, 130)
    logged = np.log(np.maximum(variance, np.maximum(MIN_VARIANCE, QUIET_SHARE * average)))
    for column, span in enumerate((1, 3, 10, 35, 130)):
        expected = np.r_[np.nan, naive_average(logged, span)]
        np.testing.assert_allclose(panel.features[130:, column], expected[130:], rtol=1e-9)


def test_momentum_and_leverage_by_hand() -> None:
    panel = Panel.of(walk("A", 300, 6))
    log_close, row = panel.log_close, 250
    average, levers = 0.0, [0.0, 0.0, 0.0]
    for at in range(1, row + 1):
        gain = max(2 / 131, 1 / at)
        average += gain * (panel.variance[at] - average)
        step = (log_close[at] - log_close[at - 1]) / math.sqrt(average)
        levers = [x + 2 / (span + 1) * (step - x) for x, span in zip(levers, (1, 5, 20))]
    moved = (log_close[row] - log_close[row - 20]) / math.sqrt(average * 20)
    found = pd.Series(panel.features[row], index=HAR.names)
    np.testing.assert_allclose(
        found[["leverage_1", "leverage_5", "leverage_20"]], levers, rtol=1e-9
    )
    np.testing.assert_allclose(found["momentum_20"], moved, rtol=1e-9)


def test_a_price_that_stands_still_has_the_least_variance() -> None:
    still = frame("A", pd.bdate_range("2023-01-02", periods=200), np.full(200, 7.0))
    found = Panel.of(still).features
    np.testing.assert_allclose(found[-1, :5], math.log(MIN_VARIANCE))
    assert (found[-1, 5:10] == 0).all()
