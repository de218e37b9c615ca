"""Odds of closing above a price the reader types."""

import math

import streamlit as st

from app.components.formats import decimals, likely, money, plain
from core.forecasts.make import Forecast


def draw(forecast: Forecast, horizon: int, target: str) -> None:
    """A price in, a probability out, from the same law as the chart."""
    currency = forecast.ticker.currency
    ask, answer = st.columns([1, 3], vertical_alignment="bottom")
    step = _step(forecast.last_close)
    price = ask.number_input(
        f"Odds above a price ({currency})",
        min_value=step / 1000.0,
        value=round(forecast.last_close, decimals(forecast.last_close)),
        step=step,
        format=f"%.{decimals(forecast.last_close)}f",
        key=f"price-{forecast.ticker}",
    )
    above = float(forecast.distribution().probability_above(price)[horizon - 1])
    answer.markdown(
        f"**{plain(likely(above))}** to end above "
        f"{plain(money(price, currency, forecast.last_close))} on {target}, "
        f"{plain(likely(1.0 - above))} at or below it; dividends until then added back."
    )


def _step(close: float) -> float:
    """A hundredth of the price, rounded to a power of ten."""
    return float(10.0 ** round(math.log10(close / 100.0)))
