"""Forecasts and bars as tables to read and files to keep."""

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.components.formats import cell, decimals
from core.features.textbook import textbook
from core.forecasts.make import Forecast


def table(prices: pd.DataFrame, targets: list[str], up: np.ndarray) -> pd.DataFrame:
    """One row a horizon: target session, price at each quantile, P(up) in percent."""
    quantiles = prices.rename(columns=lambda level: f"{level * 100:.0f} %")
    rows = quantiles.reset_index().rename(columns={"horizon": "Horizon"})
    rows.insert(1, "Target session", targets)
    return rows.assign(**{"P(up)": up * 100.0})


def columns(currency: str, close: float) -> dict[str, Any]:
    """How `table` is shown, with the decimals that prices like `close` have."""
    shown: dict[str, Any] = {
        f"{level} %": st.column_config.NumberColumn(
            "Median" if level == 50 else f"{level} %",
            format=f"%.{decimals(close)}f",
            help=f"{currency}; the close should end at or below this {level} times in 100.",
        )
        for level in (5, 10, 25, 50, 75, 90, 95)
    }
    return {**shown, "P(up)": st.column_config.NumberColumn(format="%.0f %%")}


def draw(forecast: Forecast, horizon: int, rows: pd.DataFrame) -> None:
    """Download buttons; both files say which model made the numbers, from what, and when."""
    stem = f"{forecast.ticker}-{forecast.as_of:%Y-%m-%d}"
    whole = forecast.to_dict()
    whole["predictions"] = whole["predictions"][:horizon]
    lineage = {"created_at": f"{forecast.created_at:%Y-%m-%dT%H:%M:%SZ}"}
    if not forecast.stand_in:  # which comes from no training
        lineage |= {
            "data_hash": forecast.model.card.data_hash,
            "spec_hash": forecast.model.card.spec_hash,
            "model_sha256": forecast.model.sha256,
            "commit": forecast.model.card.commit or "unknown",
        }
    with st.container(horizontal=True):
        st.download_button(
            "CSV", _forecast_csv(forecast, rows, lineage), f"{stem}.csv", "text/csv", key="csv"
        )
        st.download_button(
            "JSON",
            json.dumps({**whole, "lineage": lineage}, ensure_ascii=False, indent=1),
            f"{stem}.json",
            "application/json",
            key="json",
        )


def bars_csv(bars: pd.DataFrame, known: pd.DataFrame | None = None) -> str:
    """A `bars` frame as CSV, text cells made harmless for spreadsheets.

    With `known`, the bars of the ticker from the first on, each row gains its indicators.
    """
    rows = bars if known is None else bars.merge(textbook(known))
    safe = rows.assign(ticker=rows["ticker"].map(cell), source=rows["source"].map(cell))
    return safe.to_csv(index=False, date_format="%Y-%m-%d")


def _forecast_csv(forecast: Forecast, rows: pd.DataFrame, lineage: dict[str, str]) -> str:
    told = {
        "ticker": cell(forecast.ticker.symbol),
        "currency": forecast.ticker.currency,
        "as_of": f"{forecast.as_of:%Y-%m-%d}",
        "source": forecast.source,
        "model": " ".join(forecast.made_by()),
        **lineage,
    }
    named = rows.rename(columns={"P(up)": "P(up) in %"})
    buffer = io.StringIO()
    named.assign(**told).to_csv(buffer, index=False, float_format="%.12g")
    return buffer.getvalue()
