"""The walk-forward of one forecaster alone."""

from typing import Any

import pandas as pd

from core.evaluation.walk_forward.backtest import backtests
from core.models import create


def backtest(name: str, bars: pd.DataFrame, *args: Any, **options: Any) -> pd.DataFrame:
    """Scores of the forecaster of this name; the rest is that of `backtests`."""
    return backtests({name: create(name)}, bars, *args, **options)[name]
