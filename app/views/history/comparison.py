"""Several tickers on one scale: a line each, broken where it has no session."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components.charts import MARGIN, style
from app.components.formats import cell, counted, listed
from app.components.grid import data_grid
from app.components.palettes import LINES, ink
from core.market_data.rebased_closes import Rebased
from core.reference.tickers import Ticker


def figure(found: Rebased, dark: bool) -> go.Figure:
    """Lines that start at 100 together. Over a holiday of its own exchange a line goes on; where a
    session of it has no bar it is broken, and after the last it ends."""
    colours = ink(dark)
    drawn = go.Figure()
    axis = pd.DatetimeIndex(found.values.index)
    for colour, (name, values) in zip((colours.accent, *LINES), found.values.items()):
        own = values.dropna()
        line = own.reindex(own.index.union(found.gaps[str(name)]))
        axis = axis.union(line.index)
        drawn.add_scatter(
            x=line.index.strftime("%Y-%m-%d").tolist(),
            y=line.to_numpy(),
            mode="lines" if len(own) > 1 else "markers",
            connectgaps=False,
            name=str(name),
            line={"color": colour},
        )
    drawn.update_layout(height=440, margin=MARGIN)
    return style(drawn, axis.strftime("%Y-%m-%d").tolist(), colours)


def caption(found: Rebased) -> str:
    """What is drawn, from when on, and which line ends before the others."""
    first, last = found.values.index[0], found.values.index[-1]
    if len(found.values.columns) == 1:
        return (
            f"Adjusted closes of {found.values.columns[0]} alone, {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}, 100 on the first session."
        )
    text = (
        f"Adjusted closes in their own currencies, {first:%Y-%m-%d} to {last:%Y-%m-%d}, each 100 "
        f"on the first session that all of them have, {first:%Y-%m-%d}."
    )
    ends = [f"{name} ends on {at:%Y-%m-%d}" for name, at in found.ended.items()]
    return f"{text} {listed(ends)}." if ends else text


def left_out(found: Rebased) -> list[str]:
    """A sentence for each ticker that shares no session with the others."""
    others = listed([str(name) for name in found.values])
    sentences = []
    for name, span in found.apart.items():
        has = "none" if span is None else f"those of {span[0]:%Y-%m-%d} to {span[1]:%Y-%m-%d}"
        sentences.append(f"{name} shares no session of this range with {others}; it has {has}.")
    return sentences


def draw_table(found: Rebased, ticker: Ticker) -> None:
    """The numbers behind the chart, the newest first, and the button for the file."""
    rows = table(found)
    with st.expander(f"{counted(len(rows), 'session')} as a table"):
        data_grid(
            rows.iloc[::-1],
            hide_index=True,
            column_config={
                "session": st.column_config.DateColumn(format="YYYY-MM-DD"),
                **{
                    str(name): st.column_config.NumberColumn(format="accounting")
                    for name in found.values
                },
            },
            placeholder="",
            alt=f"{', '.join(map(str, found.values))}, each 100 on the last row's session",
        )
    st.download_button(
        "CSV", partial(csv, found), f"{ticker}-compared.csv", "text/csv", key="compared-csv"
    )


def table(found: Rebased) -> pd.DataFrame:
    """One row a session, ascending, a column a ticker; empty where it has no session."""
    return found.values.rename_axis("session").rename_axis(None, axis=1).reset_index()


def csv(found: Rebased) -> str:
    """The table as CSV."""
    rows = table(found).rename(columns=lambda name: cell(str(name)))
    return rows.to_csv(index=False, date_format="%Y-%m-%d", float_format="%.12g")
