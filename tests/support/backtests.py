"""The walk-forward of one forecaster alone."""

from typing import Any

import pandas as pd

from core.evaluation.walk_forward.backtest import backtests
from core.evaluation.walk_forward.run import WalkSettings
from core.models import create


def backtest(
    name: str, bars: pd.DataFrame, *args: Any, recalibrated: bool = False, **options: Any
) -> pd.DataFrame:
    """Scores of the forecaster of this name; the rest is that of `backtests`."""
    settings = WalkSettings(options.pop("refit_every", 60), recalibrated)
    return backtests({name: create(name)}, bars, *args, settings=settings, **options)[name]
