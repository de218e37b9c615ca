"""Past forecasts over what came, and what share of it fell inside."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.components import sentences
from app.components.charts import CONFIG, MARGIN, style
from app.components.formats import column_format, counted, plain
from app.components.grid import data_grid
from app.components.palettes import faded, ink
from app.state import queries
from core.forecasts.forecast import Forecast
from core.forecasts.ledger.track_record import TrackRecord
from core.reference.forecast_kinds import ForecastKind

_SHOWN = 60  # forecasts in the chart
_ROWS, _HEIGHT = 7, 282  # more rows are scrolled through, in so many pixels: whole rows
_RANGE = ["low", "median", "high"]
_COLOURS = {
    ForecastKind.LIVE: "blue",
    ForecastKind.FALLBACK: "gray",
    ForecastKind.REPLAYED: "violet",
    ForecastKind.SAMPLE: "orange",
}


def draw(forecast: Forecast, horizon: int, dark: bool) -> None:
    """One sentence; a chart and a table too once a target session has come.

    Replayed forecasts are shown below while no target of those that people were shown has come.
    """
    found = queries.track_record(forecast, horizon)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Past forecasts", width="content")
        _badge(found)
    _record(found, forecast, horizon, dark)
    if found.n or found.kind == ForecastKind.SAMPLE:
        return
    replayed = queries.track_record(forecast, horizon, replayed=True)
    if not replayed.rows.empty:
        _badge(replayed)
        _record(replayed, forecast, horizon, dark)


def _badge(found: TrackRecord) -> None:
    st.badge(found.kind.upper(), color=_COLOURS[found.kind])


def _record(found: TrackRecord, forecast: Forecast, horizon: int, dark: bool) -> None:
    st.markdown(
        plain(sentences.past_coverage(found, forecast.ticker.symbol, horizon, forecast.as_of))
    )
    if not found.n:
        return
    st.plotly_chart(
        figure(found.rows.tail(_SHOWN), dark, found.kind),
        config=CONFIG,
        alt=f"80 % intervals of past {found.kind} forecasts of {forecast.ticker}, "
        f"{counted(horizon, 'session')} ahead, over what came; the table below holds the numbers.",
        key="past" if found.kind != ForecastKind.REPLAYED else "past-replayed",
    )
    if len(found.rows) > _SHOWN:
        st.caption(f"The chart shows the last {_SHOWN}, the table all {len(found.rows):,}.")
    shown = column_format(forecast.last_close)
    prices = {"low": "10 %", "median": "Median", "high": "90 %", "actual": "Actual"}
    data_grid(
        _table(
            found.rows,
            forecast.ticker.symbol,
            queries.explained_later(forecast.ticker, found.rows),
        ),
        hide_index=True,
        height=_HEIGHT if len(found.rows) > _ROWS else "auto",
        placeholder="",  # not known yet, which the next column says
        column_config={
            name: st.column_config.NumberColumn(label, format=shown)
            for name, label in prices.items()
        },
        alt=f"Past {found.kind} forecasts of {forecast.ticker}, "
        f"{counted(horizon, 'session')} ahead",
    )


def figure(rows: pd.DataFrame, dark: bool, kind: ForecastKind = ForecastKind.LIVE) -> go.Figure:
    """The 80 % interval and the median over the actual, by target session; hollow if replayed.

    Parameters
    ----------
    rows : `Ledger.track_record` of one kind, ticker and horizon, by target session, not empty;
        of several forecasts for a session the last is drawn. An unknown actual breaks the line.
    """
    last = rows.drop_duplicates("target_session", keep="last")
    dates = last["target_session"].dt.strftime("%Y-%m-%d").tolist()
    colours, drawn = ink(dark), go.Figure()
    hollow = kind == ForecastKind.REPLAYED
    for name, fill in (("high", None), ("low", None if hollow else "tonexty")):
        drawn.add_scatter(
            x=dates,
            y=last[name],
            mode="lines",
            line={
                "color": faded(colours.accent, 0.5),
                "width": 1,
                "dash": "dot" if hollow else "solid",
            },
            fill=fill,
            fillcolor=faded(colours.accent, 0.2),
            name="80 % interval",
            legendgroup="interval",
            showlegend=name == "low",
            hoverinfo="skip",
        )
    drawn.add_scatter(
        x=dates,
        y=last["median"],
        mode="lines",
        line={"color": colours.accent, "width": 2, "dash": "dash"},
        name="Median",
        customdata=last[["low", "high"]],
        hovertemplate="median %{y:,.6~g}<br>80 % from %{customdata[0]:,.6~g} to "
        "%{customdata[1]:,.6~g}<extra></extra>",
    )
    drawn.add_scatter(
        x=dates,
        y=last["actual"],
        mode="lines+markers",
        connectgaps=False,
        line={"color": colours.line, "width": 2},
        # Not by colour alone: what fell outside is a cross.
        marker={
            "size": 7,
            "symbol": [
                ("x" if one == 0.0 else "circle") + ("-open" if hollow else "")
                for one in last["inside_80"]
            ],
        },
        name="Actual (cross: outside)",
        hovertemplate="actual %{y:,.6~g}<extra></extra>",
    )
    drawn.update_layout(height=360, margin=MARGIN)
    return style(drawn, dates, colours)


def _table(rows: pd.DataFrame, symbol: str, explained_later: pd.Series) -> pd.DataFrame:
    """The newest target session first, each as it was written.

    What was made under another symbol says so, and beside each stands what it did not know.
    """
    newest = rows.iloc[::-1]
    inside = newest["inside_80"].map({1.0: "inside", 0.0: "outside"}).fillna("not known yet")
    return pd.DataFrame(
        {
            "Target session": newest["target_session"].dt.strftime("%Y-%m-%d"),
            "As of": newest["as_of"].dt.strftime("%Y-%m-%d"),
            **{name: newest[name] for name in (*_RANGE, "actual")},
            "80 % interval": inside,
            **({"Made as": newest["ticker"]} if (newest["ticker"] != symbol).any() else {}),
            **({"Made by": newest["made_by"]} if newest["made_by"].any() else {}),
            **({"Explained later": explained_later.iloc[::-1]} if explained_later.any() else {}),
            "Model version": newest["model_version"],
            "Forecast": newest["id"],
        }
    )
