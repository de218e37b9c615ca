"""The frozen baseline against numpy's quantiles."""

import numpy as np
import pandas as pd
import pytest

from core.models import create
from core.reference.schema import LEVELS
from tests.support.bars import walk, walks


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


@pytest.mark.parametrize(
    ("last", "first_targets"),
    [
        ("2024-10-30", ["2024-11-01", "2024-11-04"]),  # a typhoon day between
        ("2024-02-05", ["2024-02-15", "2024-02-16"]),  # Lunar New Year
        ("2018-12-21", ["2018-12-22", "2018-12-24"]),  # a Saturday that traded
    ],
)
def test_no_target_lies_on_a_closed_day(last: str, first_targets: list[str]) -> None:
    bars = walk("2330.TW", 300, end=last)
    found = create("random_walk").fit(bars).predict(bars, horizons=range(1, 3))
    targets = found.groupby("horizon")["target_session"].first()
    assert targets.dt.strftime("%Y-%m-%d").tolist() == first_targets
