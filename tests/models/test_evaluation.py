"""On real stocks, the default forecaster beats the baseline."""

import pandas as pd
import pytest

from core.models.backtest import backtest
from core.models.skill import skill
from tests.evaluation import FOLDER, large_us


@pytest.mark.evaluation
@pytest.mark.skipif(not FOLDER, reason="TICKERLENS_EVALUATION_DATA is not set")
def test_har_beats_the_random_walk_on_twelve_stocks() -> None:
    panel = large_us()
    chosen = sorted(panel["ticker"].unique())[::3]
    bars = panel[panel["ticker"].isin(chosen) & (panel["session"] < "2014")]
    sessions = pd.DatetimeIndex(bars["session"].unique()).sort_values()
    origins = sessions[sessions >= "2008"][:-20:12]
    scores = backtest("har", bars, origins=origins)
    found = skill(scores)
    assert len(chosen) == 12 and len(origins) > 100
    assert found.low > 0 and found.value > 0.03
    by_horizon = scores.groupby("horizon")["inside_80"].mean()
    assert by_horizon.loc[[1, 5, 20]].between(0.75, 0.85).all()
