"""Real prices for evaluation, where `TICKERLENS_EVALUATION_DATA` points at them."""

import os
from pathlib import Path

import pandas as pd

FOLDER = os.environ.get("TICKERLENS_EVALUATION_DATA", "")


def large_us() -> pd.DataFrame:
    """The `bars` contract of 36 large US stocks, 2000 to 2018, adjusted; survivors only."""
    stored = pd.read_parquet(Path(FOLDER) / "panel" / "us_large_2000_2018.parquet")
    factor = stored["adj_close"] / stored["close"]
    for name in ("open", "high", "low", "close"):
        stored[name] *= factor
    return _bars(stored.assign(adj_factor=factor))


def taiwan() -> pd.DataFrame:
    """The `bars` contract of eight Taiwan stocks, 2015 to 2021, raw and without any dividend.

    Sessions without a trade are left out.
    """
    stored = pd.read_parquet(Path(FOLDER) / "taiwan" / "twse_raw_2015_2021.parquet")
    return _bars(stored.dropna(subset=["close"]))


def _bars(stored: pd.DataFrame) -> pd.DataFrame:
    return stored.rename(columns={"date": "session"}).assign(
        dividend=0.0, split_ratio=1.0, source="csv", ingested_at=pd.Timestamp("2024-07-01")
    )
