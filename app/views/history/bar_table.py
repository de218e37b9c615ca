"""The bars of a ticker as a table, and as a file with or without indicators."""

from functools import partial

import pandas as pd
import streamlit as st

from app.components import exports
from app.components.formats import column_format
from app.components.grid import data_grid
from core.reference.tickers import Ticker

_COLUMNS = ["session", "open", "high", "low", "close", "volume", "dividend", "split_ratio"]


def draw(visible: pd.DataFrame, bars: pd.DataFrame, ticker: Ticker, adjusted: bool) -> None:
    """What is shown of a ticker's bars, the newest first, and the button for the file."""
    first, last = visible["session"].iloc[0], visible["session"].iloc[-1]
    price = column_format(bars["close"].iloc[-1])
    with st.expander(f"{len(visible):,} bars as a table"):
        data_grid(
            visible[_COLUMNS].iloc[::-1],
            hide_index=True,
            column_config={
                "session": st.column_config.DateColumn(format="YYYY-MM-DD"),
                **{
                    name: st.column_config.NumberColumn(format=price)
                    for name in ("open", "high", "low", "close")
                },
                "volume": st.column_config.NumberColumn(format="localized"),
            },
            alt=f"Bars of {ticker}, {first:%Y-%m-%d} to {last:%Y-%m-%d}",
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
            f"{ticker}-bars-{'adjusted' if adjusted else 'raw'}{'-indicators' * wide}.csv",
            "text/csv",
            key="bars-csv",
        )
