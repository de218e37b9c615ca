"""What the ledger writes of a forecast, and by what it knows that it has it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from core.forecasts.forecast import Forecast, price_grid, target_sessions
from core.reference.bar_sources import is_sample
from core.reference.forecast_kinds import ForecastKind
from core.reference.tickers import Ticker

Values = dict[str, Any]
Key = tuple[str, date, int, str]  # ticker as it is called now, as_of, version and kind


@dataclass(frozen=True)
class Draft:
    """A forecast as the ledger is to write it, once it says of which kind it is.

    Parameters
    ----------
    sample, fallback : whether it is of sample bars, and whether a fallback had a part in it.
    values : of the row, but for its kind, its number and its seals.
    """

    ticker: Ticker
    as_of: pd.Timestamp
    created_at: datetime
    sample: bool
    fallback: bool
    values: Values

    @classmethod
    def of(cls, forecast: Forecast) -> "Draft":
        """The draft of a forecast."""
        values = {
            "ticker": forecast.ticker.symbol,
            "as_of": forecast.as_of.date(),
            "model_version": forecast.model.version,
            "created_at": forecast.created_at,
            "last_close": forecast.last_close,
            "law": {
                "targets": target_sessions(forecast.frame),
                "prices": price_grid(forecast.frame).tolist(),
                "baseline": price_grid(forecast.baseline).tolist(),
                # Of the others, the version says it.
                **({"made_by": list(forecast.made_by())} if forecast.fallback else {}),
            },
        }
        return cls(
            forecast.ticker,
            forecast.as_of,
            forecast.created_at,
            is_sample(forecast.source),
            bool(forecast.fallback),
            values,
        )

    def row(self, kind: ForecastKind) -> Values | None:
        """The row of a forecast that is live or replayed; None of what the ledger does not keep."""
        own = ForecastKind.SAMPLE if self.sample else kind
        if not self.fallback:
            return {**self.values, "kind": own}
        live = own == ForecastKind.LIVE
        return {**self.values, "kind": ForecastKind.FALLBACK} if live else None


def row_key(values: Mapping[Any, Any], now: Callable[[str], str]) -> Key:
    """By what a row is there once; `now` gives the symbol a ticker has now."""
    return now(values["ticker"]), values["as_of"], values["model_version"], values["kind"]
