"""After volatility doubles, the bands are right again within five weeks."""

import numpy as np
import pandas as pd
import pytest

from tests.support.backtests import backtest
from tests.support.bars import walk

SESSIONS, BREAK, HEALING, SEEN, TICKERS = 1_400, 1_100, 25, 60, 8


def doubled(clustering: float, seed: int) -> pd.DataFrame:
    """Walks whose volatility doubles for good; before and after its log is an AR(1)."""
    walks = []
    for k in range(TICKERS):
        source = np.random.default_rng([seed, k])
        level = np.zeros(SESSIONS)
        for at in range(1, SESSIONS):
            level[at] = 0.97 * level[at - 1] + clustering * source.standard_normal()
        volatility = 0.01 * np.exp(level) * np.where(np.arange(SESSIONS) >= BREAK, 2.0, 1.0)
        walks.append(walk(f"T{k}", SESSIONS, 100 * seed + k, volatility))
    return pd.concat(walks, ignore_index=True)


@pytest.mark.parametrize(
    "clustering",
    [
        pytest.param(0.1, id="clustered", marks=pytest.mark.soak),
        pytest.param(0.0, id="constant"),
    ],
)
def test_coverage_of_the_90_percent_band_heals_after_volatility_doubled(clustering: float) -> None:
    for seed in (1, 2):
        bars = doubled(clustering, seed)
        sessions = pd.DatetimeIndex(bars["session"].unique())
        origins = sessions[BREAK - SEEN : BREAK + HEALING + SEEN]
        scores = backtest("har", bars, origins=origins, recalibrated=True)
        nearest = scores[scores["horizon"] == 1]
        healed = nearest[nearest["as_of"] >= sessions[BREAK + HEALING]]["inside_90"]
        assert len(healed) == TICKERS * SEEN
        assert 0.82 <= healed.mean() <= 0.97
