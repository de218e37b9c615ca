"""The frozen baseline against numpy's quantiles."""

import numpy as np
import pandas as pd
import pytest

from core.models import create
from core.schema import LEVELS
from tests.bars import walk, walks


@pytest.mark.parametrize("sessions", [131, 300, 501, 900])
@pytest.mark.parametrize("horizon", [1, 7, 20])
def test_prices_are_the_empirical_quantiles(sessions: int, horizon: int) -> None:
    bars = walk("A", sessions, seed=4)
    closes = np.log(bars["close"].to_numpy()[-501:])
    moves = closes[horizon:] - closes[:-horizon]
    expected = bars["close"].iloc[-1] * np.exp(np.quantile(moves, LEVELS))
    found = create("random_walk").predict(bars, horizons=[horizon])
    np.testing.assert_allclose(found["price"], expected, rtol=1e-12)


def test_young_and_old_tickers_are_forecast_together() -> None:
    bars = pd.concat([walk("A", 200, 1), walks(2, 700)])
    together = create("random_walk").predict(bars).set_index("ticker")["price"]
    alone = create("random_walk").predict(walk("A", 200, 1))["price"]
    np.testing.assert_array_equal(together["A"], alone)
