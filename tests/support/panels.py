"""Bars and a backtest that several tests look at."""

import pandas as pd
import pytest

from tests.support.backtests import backtest
from tests.support.bars import walks


@pytest.fixture(scope="session")
def panel_bars() -> pd.DataFrame:
    return walks(3, 700, seed=9)


@pytest.fixture(scope="session")
def scores(panel_bars: pd.DataFrame) -> pd.DataFrame:
    return backtest("har", panel_bars)
