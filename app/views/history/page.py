"""What happened: candles, volume, events, and what is missing."""

import pandas as pd
import streamlit as st

from app.components import charts, context, picker, states, title
from app.components.address import MOST_OVERLAYS, RANGES
from app.components.formats import counted, dates, plain
from app.state import queries
from app.views.history import bar_table, candles, comparison
from core.market_data.history import weekly
from core.market_data.rebased_closes import rebase
from core.reference.bar_holds import left_out
from core.reference.tickers import Ticker

_WEEKLY_FROM_MONTHS = 60

catalog = queries.catalog()
here = context.current(catalog)
title.draw(here, catalog, "History")

others = [symbol for symbol in catalog["ticker"] if symbol != here.ticker.symbol]
st.session_state["compare"] = [one for one in st.session_state["compare"] if one in others]
comparing = bool(st.session_state["compare"])
top = st.container(horizontal=True, vertical_alignment="bottom")
with top:
    span = st.segmented_control("Range", list(RANGES), required=True, **context.bound("range"))
    scale = st.segmented_control(
        "Scale", candles.SCALES, required=True, disabled=comparing, **context.bound("scale")
    )
    adjusted = st.toggle(
        "Adjusted",
        help="Earlier prices scaled for dividends and splits.",
        disabled=comparing,
        **context.bound("adjusted"),
    )
left, right = st.columns(2)
overlays = left.multiselect(
    "Overlays",
    candles.OVERLAYS,
    max_selections=MOST_OVERLAYS,
    filter_mode="prefix",
    disabled=comparing,
    **context.bound("overlays"),
)
with right:
    compare = picker.others(others)

found = queries.history(here.ticker, adjusted)
if found.since is not None:
    st.caption(plain(str(left_out(found.since))))
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
    found_of = [queries.history(Ticker.parse(symbol)) for symbol in (here.ticker.symbol, *compare)]
    together = rebase(found_of, since)
    for sentence in comparison.left_out(together):
        st.info(plain(sentence))
    figure = comparison.figure(together, here.dark)
    caption = comparison.caption(together)
    alt = f"{here.ticker} beside {', '.join(compare)}"
else:
    figure = candles.candles(drawn, shown, scale, overlays, here.palette, here.dark)
    kind = "adjusted for dividends and splits" if adjusted else "as traded"
    caption = (
        f"{'Weekly' if by_week else 'Daily'} bars, {period}, prices in {here.ticker.currency} "
        f"{kind}. D marks a dividend, S a split."
    )
    alt = f"Price chart of {here.ticker}, {period}"
st.plotly_chart(
    figure,
    config=charts.CONFIG,
    alt=f"{alt}; the table below holds the numbers.",
    key="candles",
)

st.caption(plain(caption))
gaps = found.missing[found.missing > since]
if len(gaps):
    are = "is" if len(gaps) == 1 else "are"
    st.warning(f"{counted(len(gaps), 'session')} of the exchange {are} missing here: {dates(gaps)}")
states.held_back(found.held_back[found.held_back > since])

if compare:
    comparison.draw_table(together, here.ticker)
else:
    bar_table.draw(visible, bars, here.ticker, adjusted)
