"""Odds of closing above a price the reader types."""

import math

import streamlit as st

from app.components.formats import money, percent, plain
from core.forecasts.make import Forecast


def draw(forecast: Forecast, horizon: int, target: str) -> None:
    """A price in, a probability out, from the same law as the chart."""
    currency = forecast.ticker.currency
    ask, answer = st.columns([1, 3], vertical_alignment="bottom")
    price = ask.number_input(
        f"Odds above a price ({currency})",
        min_value=0.01,
        value=round(forecast.last_close, 2),
        step=_step(forecast.last_close),
        format="%.2f",
        key=f"price-{forecast.ticker}",
    )
    above = forecast.distribution().probability_above(price)[horizon - 1]
    answer.markdown(
        f"**{plain(percent(float(above)))}** to close above {plain(money(price, currency))} "
        f"on {target}, {plain(percent(1.0 - float(above)))} to close at or below it."
    )


def _step(close: float) -> float:
    """A hundredth of the price, rounded to a power of ten."""
    return float(10.0 ** round(math.log10(close / 100.0)))
