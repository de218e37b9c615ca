"""What drives the width of the range: bars beside a table of the same numbers."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components import sentences
from app.components.charts import SMALL
from app.components.formats import UNKNOWN, adding_up, plain, signed_percent, written
from app.components.grid import data_grid
from app.components.palettes import ink
from core.forecasts.forecast import Forecast
from core.models.width_drivers import EXPECTED_SESSIONS

_NAMES = {"against_expected": "Against usual", "moved": "Last session"}
_HELP = {
    "against_expected": "How much wider (+) or narrower (−) each makes the range than the "
    f"geometric mean of the last {EXPECTED_SESSIONS} sessions, fewer for a young ticker; they add "
    "up to the whole.",
    "moved": "How much wider or narrower each made it than in the forecast of the session before.",
}


def draw(forecast: Forecast, horizon: int, before: pd.Timestamp | None, dark: bool) -> None:
    """Nothing where the forecaster does not say; `before` is the session before the forecast's."""
    if forecast.drivers is None:
        return
    rows = forecast.drivers[forecast.drivers["horizon"] == horizon].set_index("driver")
    shares = 100.0 * rows[list(_NAMES)]
    st.subheader("What drives the width")
    st.markdown(plain(sentences.width_sentence(shares.sum(min_count=1), horizon, before)))
    if shares["against_expected"].isna().all():
        return
    chart, table = st.columns([5, 4], vertical_alignment="center")
    chart.plotly_chart(
        _bars(shares, dark),
        config=SMALL,
        alt=f"By how much each driver widens the {horizon}-session range of {forecast.ticker}; "
        "the table beside holds the numbers.",
        key="drivers",
    )
    shown = shares.apply(adding_up)
    whole = pd.concat([shown, shown.sum(min_count=1).to_frame("All together").T])
    with table:
        data_grid(
            written(
                whole.rename_axis("Driver").reset_index(),
                dict.fromkeys(_NAMES, lambda value: signed_percent(value / 100.0)),
                UNKNOWN,
            ),
            hide_index=True,
            height="content",
            column_config={
                name: st.column_config.NumberColumn(label, help=_HELP[name])
                for name, label in _NAMES.items()
            },
            alt=f"Drivers of the {horizon}-session range of {forecast.ticker}, "
            "in percent of its width",
        )


def _bars(shares: pd.DataFrame, dark: bool) -> go.Figure:
    colours, figure = ink(dark), go.Figure()
    for name, colour in (("moved", colours.muted), ("against_expected", colours.accent)):
        figure.add_bar(
            y=shares.index[::-1],
            x=shares[name][::-1],
            orientation="h",
            name=_NAMES[name],
            marker={"color": colour},
            hovertemplate="%{y} %{x:+.1f} %<extra>" + _NAMES[name] + "</extra>",
        )
    figure.add_vline(x=0, line={"color": colours.muted, "width": 1})
    figure.update_xaxes(ticksuffix=" %", gridcolor=colours.grid, zeroline=False, nticks=7)
    figure.update_yaxes(automargin=True)
    figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        bargap=0.3,
        dragmode=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={
            "orientation": "h",
            "y": -0.16,
            "yanchor": "top",
            "x": 0,
            "xanchor": "left",
            "traceorder": "reversed",
        },
    )
    return figure
