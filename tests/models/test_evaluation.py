"""On real stocks, the default forecaster beats the baseline."""

import os
from pathlib import Path

import pandas as pd
import pytest

from core.models.backtest import backtest
from core.models.skill import skill

FOLDER = os.environ.get("TICKERLENS_EVALUATION_DATA", "")


@pytest.mark.evaluation
@pytest.mark.skipif(not FOLDER, reason="TICKERLENS_EVALUATION_DATA is not set")
def test_har_beats_the_random_walk_on_twelve_stocks() -> None:
    stored = pd.read_parquet(Path(FOLDER) / "panel" / "us_large_2000_2018.parquet")
    stored = stored.rename(columns={"date": "session"})
    chosen = sorted(stored["ticker"].unique())[::3]
    bars = stored[stored["ticker"].isin(chosen) & (stored["session"] < "2014")].copy()
    bars["adj_factor"] = bars["adj_close"] / bars["close"]
    for name in ("open", "high", "low", "close"):
        bars[name] *= bars["adj_factor"]
    bars = bars.assign(dividend=0.0, split_ratio=1.0, source="csv", ingested_at=pd.Timestamp.now())
    sessions = pd.DatetimeIndex(bars["session"].unique()).sort_values()
    origins = sessions[sessions >= "2008"][:-20:12]
    scores = backtest("har", bars, origins=origins)
    found = skill(scores)
    assert len(chosen) == 12 and len(origins) > 100
    assert found.low > 0 and found.value > 0.03
    by_horizon = scores.groupby("horizon")["inside_80"].mean()
    assert by_horizon.loc[[1, 5, 20]].between(0.75, 0.85).all()
