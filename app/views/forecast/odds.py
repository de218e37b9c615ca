"""Odds of closing above a price, or beyond a share of the last close, that the reader types."""

import math

import streamlit as st

from app.components.formats import decimals, likely, money, plain
from core.forecasts.forecast import MOVE, Forecast


def draw(forecast: Forecast, horizon: int, target: str) -> None:
    """A price or a share in, a probability out, from the same distribution as the chart."""
    _above(forecast, horizon, target)
    _beyond(forecast, horizon, target)


def _above(forecast: Forecast, horizon: int, target: str) -> None:
    currency = forecast.ticker.currency
    ask, result = st.columns([1, 3], vertical_alignment="bottom")
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
    result.markdown(
        f"**{plain(likely(above))}** to end above "
        f"{plain(money(price, currency, forecast.last_close))} on {target}, "
        f"{plain(likely(1.0 - above))} at or below it; dividends until then added back."
    )


def _beyond(forecast: Forecast, horizon: int, target: str) -> None:
    ask, result = st.columns([1, 3], vertical_alignment="bottom")
    share = ask.number_input(
        "Odds of a move beyond (%)",
        min_value=0.1,
        max_value=99.0,
        value=100.0 * MOVE,
        step=1.0,
        format="%.1f",
        key=f"move-{forecast.ticker}",
    )
    beyond = float(forecast.distribution().probability_beyond(share / 100.0)[horizon - 1])
    close = money(forecast.last_close, forecast.ticker.currency)
    result.markdown(
        f"**{plain(likely(beyond))}** to end more than {plain(f'{share:g} % away from {close}')} "
        f"on {target}, above or below."
    )


def _step(close: float) -> float:
    """A hundredth of the price, rounded to a power of ten."""
    return float(10.0 ** round(math.log10(close / 100.0)))
