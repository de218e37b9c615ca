"""Forecasts and bars as tables to read and files to keep."""

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.components.formats import cell, column_format
from core.features.indicators import textbook
from core.forecasts.forecast import MOVE, Forecast, prices_by_horizon

BEYOND = f"Beyond ±{MOVE:.0%}".replace("%", " %")
_SHARES = (BEYOND, "P(up)", "Base rate")
_WALK = {0.10: "Random walk 10 %", 0.90: "Random walk 90 %"}


def table(forecast: Forecast, prices: pd.DataFrame, targets: list[str]) -> pd.DataFrame:
    """One row a horizon: target session, prices at quantiles, and chances in percent.

    `prices` is (horizon x quantile), the first so many horizons of the forecast.
    """
    distribution, shown = forecast.distribution(), slice(len(prices))
    chances = (
        distribution.probability_beyond(MOVE),
        distribution.probability_up(),
        np.array(forecast.base_rate),
    )
    quantiles = prices.rename(columns=lambda level: f"{level * 100:.0f} %")
    rows = quantiles.reset_index().rename(columns={"horizon": "Horizon"})
    rows.insert(1, "Target session", targets)
    walk = prices_by_horizon(forecast.baseline)[list(_WALK)].iloc[shown]
    rows = rows.assign(**{name: walk[level].to_numpy() for level, name in _WALK.items()})
    return rows.assign(**{name: 100.0 * of[shown] for name, of in zip(_SHARES, chances)})


def columns(currency: str, close: float) -> dict[str, Any]:
    """How `table` is shown, with the decimals that prices like `close` have."""
    shown: dict[str, Any] = {
        f"{level} %": st.column_config.NumberColumn(
            "Median" if level == 50 else f"{level} %",
            format=column_format(close),
            help=f"{currency}; the close should end at or below this {level} times in 100.",
        )
        for level in (5, 10, 25, 50, 75, 90, 95)
    }
    shown |= {
        name: st.column_config.NumberColumn(
            format=column_format(close),
            help=f"{currency}; the end of the random walk's 80 % interval, the dotted lines above.",
        )
        for name in _WALK.values()
    }
    help_texts = {
        BEYOND: "Chance to end further than that from the last close, either way.",
        "P(up)": "Chance of a total return above zero.",
        "Base rate": "Share of the ticker's past spans of so many sessions that rose.",
    }
    chances = {
        name: st.column_config.NumberColumn(format="%.0f %%", help=help_texts[name])
        for name in _SHARES
    }
    return {**shown, **chances}


def draw(forecast: Forecast, horizon: int, rows: pd.DataFrame) -> None:
    """Download buttons; both files say which model made the numbers, from what, and when."""
    stem = f"{forecast.ticker}-{forecast.as_of:%Y-%m-%d}"
    whole = forecast.to_dict(horizon)
    lineage = {"created_at": f"{forecast.created_at:%Y-%m-%dT%H:%M:%SZ}"}
    if forecast.averaged or not forecast.fallback:  # which comes from no training
        lineage |= {
            "data_hash": forecast.model.card.data_hash,
            "spec_hash": forecast.model.card.spec_hash,
            "model_sha256": forecast.model.sha256,
            "commit": forecast.model.card.commit or "unknown",
        }
    with st.container(horizontal=True):
        st.download_button(
            "CSV", forecast_csv(forecast, rows, lineage), f"{stem}.csv", "text/csv", key="csv"
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


def forecast_csv(forecast: Forecast, rows: pd.DataFrame, lineage: dict[str, str]) -> str:
    """`table` as CSV, each row with whose forecast it is, from when and by which model."""
    provenance = {
        "ticker": cell(forecast.ticker.symbol),
        "currency": forecast.ticker.currency,
        "as_of": f"{forecast.as_of:%Y-%m-%d}",
        "source": forecast.source,
        "model": " ".join(forecast.made_by()),
        **lineage,
    }
    named = rows.rename(columns={name: f"{name} in %" for name in _SHARES})
    buffer = io.StringIO()
    named.assign(**provenance).to_csv(buffer, index=False, float_format="%.12g")
    return buffer.getvalue()
