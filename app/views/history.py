"""What happened: candles, volume, events, and what is missing."""

from functools import partial

import pandas as pd
import streamlit as st

from app import queries
from app.components import candles, charts, context, exports, states, title
from app.components.formats import counted, dates, decimals, plain
from core.services.history import weekly
from core.tickers import Ticker

RANGES = {"1M": 1, "3M": 3, "6M": 6, "YTD": 0, "1Y": 12, "5Y": 60, "Max": None}
_WEEKLY_FROM_MONTHS = 60

catalog = queries.catalog()
here = context.current(catalog)
title.draw(here, catalog, "History")

comparing = bool(st.session_state.get("compare"))
top = st.container(horizontal=True, vertical_alignment="bottom")
with top:
    span = st.segmented_control(
        "Range", list(RANGES), default="1Y", required=True, key="range", bind="query-params"
    )
    scale = st.segmented_control(
        "Scale",
        candles.SCALES,
        default="Price",
        required=True,
        key="scale",
        bind="query-params",
        disabled=comparing,
    )
    adjusted = st.toggle(
        "Adjusted",
        value=True,
        help="Earlier prices scaled for dividends and splits.",
        disabled=comparing,
    )
left, right = st.columns(2)
overlays = left.multiselect(
    "Overlays", candles.OVERLAYS, max_selections=3, key="overlays", disabled=comparing
)
others = [symbol for symbol in catalog["ticker"] if symbol != here.ticker.symbol]
compare = right.multiselect("Compare with", others, max_selections=4, key="compare")

found = queries.history(here.ticker, adjusted)
bars = found.bars
last = bars["session"].iloc[-1]
months = RANGES[span]
since = (
    pd.Timestamp.min
    if months is None
    else last.replace(month=1, day=1) if not months else last - pd.DateOffset(months=months)
)
by_week = months is None or months >= _WEEKLY_FROM_MONTHS
drawn = weekly(bars) if by_week else bars
shown = int((drawn["session"] > since).sum())
visible = bars[bars["session"] > since]
period = f"{visible['session'].iloc[0]:%Y-%m-%d} to {last:%Y-%m-%d}"

if compare:
    frames = [queries.history(Ticker.parse(symbol), True).bars for symbol in compare]
    closes = pd.concat([queries.history(here.ticker, True).bars, *frames]).pivot(
        index="session", columns="ticker", values="close"
    )[[here.ticker.symbol, *compare]]
    together = closes[closes.index > since].ffill().dropna()
    if together.empty:
        st.info("These tickers have no session in common in this range.")
        st.stop()
    figure = candles.compared(together, here.dark)
    period = f"{together.index[0]:%Y-%m-%d} to {together.index[-1]:%Y-%m-%d}"
    caption = (
        f"Adjusted closes in their own currencies, {period}, each 100 on the first session that "
        "all of them have."
    )
else:
    figure = candles.candles(drawn, shown, scale, overlays, here.palette, here.dark)
    kind = "adjusted for dividends and splits" if adjusted else "as traded"
    caption = (
        f"{'Weekly' if by_week else 'Daily'} bars, {period}, prices in {here.ticker.currency} "
        f"{kind}. D marks a dividend, S a split."
    )
st.plotly_chart(
    figure,
    config=charts.CONFIG,
    alt=f"Price chart of {here.ticker}, {period}; the table below holds the numbers.",
    key="candles",
)

st.caption(plain(caption))
gaps = found.missing[found.missing > since]
if len(gaps):
    are = "is" if len(gaps) == 1 else "are"
    st.warning(f"{counted(len(gaps), 'session')} of the exchange {are} missing here: {dates(gaps)}")
states.held_back(found.held[found.held > since])

with st.expander(f"{len(visible):,} bars as a table"):
    shown_columns = ["session", "open", "high", "low", "close", "volume", "dividend", "split_ratio"]
    st.dataframe(
        visible[shown_columns].iloc[::-1],
        hide_index=True,
        column_config={
            "session": st.column_config.DateColumn(format="YYYY-MM-DD"),
            **{
                name: st.column_config.NumberColumn(format=f"%.{decimals(bars['close'].iloc[-1])}f")
                for name in ("open", "high", "low", "close")
            },
            "volume": st.column_config.NumberColumn(format="localized"),
        },
        alt=f"Bars of {here.ticker}, {period}",
    )
with st.container(horizontal=True, vertical_alignment="center"):
    wide = st.toggle(
        "With indicators",
        key="indicators",
        help="The file gains returns, averages, bands, MACD, RSI, ATR and volatility of each "
        "session, from the prices as they are shown.",
    )
    st.download_button(
        "CSV",
        # Made when it is asked for: till then a button of the run before would give its file.
        partial(exports.bars_csv, visible, bars if wide else None),
        f"{here.ticker}-bars-{'adjusted' if adjusted else 'raw'}{'-indicators' * wide}.csv",
        "text/csv",
        key="bars-csv",
    )
