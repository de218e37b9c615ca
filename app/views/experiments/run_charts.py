"""What runs save against two baselines, and how evenly actuals fell into their distributions."""

import pandas as pd
import plotly.graph_objects as go

from app.components.formats import banded
from app.components.palettes import faded, ink
from core.foundation.stored_numbers import numbers


def skills(runs: pd.DataFrame, names: list[str], dark: bool) -> go.Figure:
    """Loss saved against each baseline with its 90 % band, a line a run; unknown is left out."""
    colours, figure = ink(dark), go.Figure()
    places = list(range(len(runs)))[::-1]
    for incumbent, shift, colour, mark, baseline in (
        ("skill", 0.13, colours.accent, "circle", "the random walk"),
        ("constant", -0.13, colours.muted, "square", "a constant width"),
    ):
        unknown = pd.Series(float("nan"), index=runs.index)
        value, low, high = (
            100.0 * numbers(runs.get(f"metrics.{incumbent}_{end}", unknown))
            for end in ("all", "low", "high")
        )
        figure.add_scatter(
            x=value,
            y=[place + shift for place in places],
            mode="markers",
            name=f"Against {baseline}",
            marker={"color": colour, "symbol": mark, "size": 9},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": high - value,
                "arrayminus": value - low,
                "color": colour,
                "thickness": 2,
                "width": 5,
            },
            text=[banded(*band) for band in zip(value / 100.0, low / 100.0, high / 100.0)],
            hovertemplate="%{text}<extra>" + f"Against {baseline}</extra>",
        )
    figure.add_vline(x=0, line={"color": colours.muted, "width": 1})
    figure.update_xaxes(ticksuffix=" %", gridcolor=colours.grid, zeroline=False, title="Loss saved")
    figure.update_yaxes(
        tickvals=places, ticktext=names, showgrid=False, zeroline=False, automargin=True
    )
    return _framed(figure, 150 + 44 * len(runs), colours.line)


def evenness(found: pd.DataFrame, dark: bool) -> go.Figure:
    """PIT histograms, a group of bars a horizon, beside what right distributions have."""
    colours = ink(dark)
    shades = {"1": 0.35, "5": 0.6, "20": 0.95}
    figure = go.Figure()
    for horizon, rows in found.groupby("horizons", sort=False):
        figure.add_bar(
            x=[
                f"{100 * low:.0f} to {100 * high:.0f}"
                for low, high in zip(rows["low"], rows["high"])
            ],
            y=100.0 * rows["share"],
            name=f"{horizon} session{'' if horizon == '1' else 's'}",
            marker={"color": faded(colours.accent, shades.get(str(horizon), 0.6))},
            hovertemplate="%{x}: %{y:.1f} %<extra>%{fullData.name}</extra>",
        )
    figure.add_hline(
        y=100.0 * float(found["expected"].iloc[0]), line={"color": colours.muted, "dash": "dot"}
    )
    figure.update_xaxes(
        title="Percent of the distribution below the actual", type="category", automargin=True
    )
    figure.update_yaxes(title="Percent of forecasts", gridcolor=colours.grid, rangemode="tozero")
    return _framed(figure, 320, colours.line)


def _framed(figure: go.Figure, height: int, colour: str) -> go.Figure:
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": colour},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        dragmode=False,
    )
