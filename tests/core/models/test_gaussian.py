"""Normal laws against scipy, numpy and pandas."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.foundation.errors import NotEnoughHistoryError
from core.models import create
from core.reference.schema import HORIZONS, LEVELS
from tests.support.bars import frame, walk, walks


def log_returns(name: str, bars: pd.DataFrame) -> np.ndarray:
    prices = create(name).fit(bars).predict(bars)["price"].to_numpy()
    predicted: np.ndarray = np.log(prices / bars["close"].iloc[-1])
    return predicted.reshape(len(HORIZONS), len(LEVELS))


def expected(mean: float, deviation: float) -> np.ndarray:
    return np.array(
        [norm.ppf(LEVELS, loc=mean * h, scale=deviation * np.sqrt(h)) for h in HORIZONS]
    )


@pytest.mark.parametrize("sessions", [21, 131, 501, 900])
def test_drift_has_mean_and_deviation_of_the_last_500_returns(sessions: int) -> None:
    bars = walk("A", sessions, seed=4)
    returns = np.diff(np.log(bars["close"].to_numpy()))[-500:]
    found = log_returns("drift", bars)
    np.testing.assert_allclose(found, expected(returns.mean(), returns.std()), atol=1e-13)


@pytest.mark.parametrize("sessions", [21, 300, 900])
def test_the_random_walk_is_drift_around_the_last_close(sessions: int) -> None:
    bars = walk("A", sessions, seed=5)
    returns = np.diff(np.log(bars["close"].to_numpy()))[-500:]
    found = log_returns("random_walk_gauss", bars)
    np.testing.assert_allclose(found, expected(0.0, returns.std()), atol=1e-13)


@pytest.mark.parametrize("sessions", [75, 700])
def test_ewma_weighs_squared_returns_as_pandas_does(sessions: int) -> None:
    bars = pd.concat([walk("0", 300, seed=1), walk("A", sessions, seed=6)])
    own = bars[bars["ticker"] == "A"]
    squared = pd.Series(np.diff(np.log(own["close"].to_numpy())) ** 2)
    deviation = float(np.sqrt(squared.ewm(alpha=0.06, adjust=True).mean().iloc[-1]))
    prices = create("ewma").fit(bars).predict(bars, tickers=["A"])["price"].to_numpy()
    found = np.log(prices / own["close"].iloc[-1]).reshape(len(HORIZONS), len(LEVELS))
    np.testing.assert_allclose(found, expected(0.0, deviation), atol=1e-13)


@pytest.mark.parametrize(
    ("name", "least"), [("random_walk_gauss", 21), ("drift", 21), ("ewma", 75)]
)
def test_too_little_history_says_how_much_is_needed(name: str, least: int) -> None:
    with pytest.raises(NotEnoughHistoryError) as refused:
        create(name).predict(walk("A", least - 1))
    assert refused.value.message == f"A needs at least {least} sessions, has {least - 1}."
    assert len(create(name).predict(walk("A", least))) == len(HORIZONS) * len(LEVELS)


@pytest.mark.parametrize("name", ["random_walk_gauss", "drift", "ewma"])
def test_a_price_that_stands_still_is_never_called_certain(name: str) -> None:
    still = frame("A", pd.bdate_range("2022-01-03", periods=400), np.full(400, 12.5))
    np.testing.assert_allclose(log_returns(name, still), expected(0.0, 1e-4), atol=1e-13)


@pytest.mark.parametrize("name", ["random_walk_gauss", "drift", "ewma"])
def test_young_and_old_tickers_are_forecast_together(name: str) -> None:
    bars = pd.concat([walk("A", 200, 1), walks(2, 700)])
    together = create(name).predict(bars).set_index("ticker")["price"]
    alone = create(name).predict(walk("A", 200, 1))["price"]
    np.testing.assert_array_equal(together["A"], alone)
