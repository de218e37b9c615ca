"""What the ledger writes of a forecast, and by what it knows that it has it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from core.forecasts.forecast import Forecast, price_grid
from core.reference.schema import LEVELS

Values = dict[str, Any]
Key = tuple[str, date, int, str]  # ticker as it is called now, as_of, version and kind


def row_key(values: Mapping[Any, Any], now: Callable[[str], str]) -> Key:
    """By what a row is there once; `now` gives the symbol a ticker has now."""
    return now(values["ticker"]), values["as_of"], values["model_version"], values["kind"]


def row_values(forecast: Forecast, kind: str) -> dict[str, Any]:
    """The row of a forecast, but for its number and seals."""
    targets = pd.DatetimeIndex(forecast.frame["target_session"].iloc[:: len(LEVELS)])
    return {
        "ticker": forecast.ticker.symbol,
        "as_of": forecast.as_of.date(),
        "model_version": forecast.model.version,
        "kind": kind,
        "created_at": forecast.created_at,
        "last_close": forecast.last_close,
        "law": {
            "targets": targets.strftime("%Y-%m-%d").tolist(),
            "prices": price_grid(forecast.frame).tolist(),
            "baseline": price_grid(forecast.baseline).tolist(),
            # Of the others, the version says it.
            **({"made_by": list(forecast.made_by())} if forecast.fallback else {}),
        },
    }
