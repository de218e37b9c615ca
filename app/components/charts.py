"""The fan chart: where the price was, and the ranges it may end up in."""

import pandas as pd
import plotly.graph_objects as go

from app.components.formats import amount
from app.components.palettes import Ink, faded, ink
from core.reference.schema import INTERVALS

BANDS = tuple(
    (*INTERVALS[share], f"{share} %", opacity)
    for share, opacity in ((90, 0.14), (80, 0.20), (50, 0.30))
)
_TICKS = 6
CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}
SMALL = {**CONFIG, "displayModeBar": False}  # there the buttons would cover what is drawn
MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}  # the buttons lie above what is drawn


def fan(
    past: pd.DataFrame, prices: pd.DataFrame, baseline: pd.DataFrame, targets: list[str], dark: bool
) -> go.Figure:
    """A fan chart.

    Parameters
    ----------
    past : adjusted `bars` of one ticker up to as_of, at least one row.
    prices, baseline : (horizon x quantile) at `LEVELS`, of the model and the random walk.
    targets : the target session of each horizon, as text.
    """
    colours = ink(dark)
    dates = past["session"].dt.strftime("%Y-%m-%d").tolist()
    close = past["close"].tolist()
    ahead = [dates[-1], *targets]

    def path(frame: pd.DataFrame, level: float) -> list[float]:
        return [close[-1], *frame[level].tolist()]

    figure = go.Figure()
    shade = 0.0
    for low, high, name, alpha in BANDS:
        figure.add_scatter(
            x=[*ahead, *reversed(ahead)],
            y=[*path(prices, high), *reversed(path(prices, low))],
            fill="toself",
            fillcolor=faded(colours.accent, alpha),
            line={"width": 0},
            mode="lines",  # of few points Plotly would draw markers too
            showlegend=False,
            hoverinfo="skip",
        )
        # The bands lie on each other, so the key shows what their sum looks like.
        shade += alpha
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={"symbol": "square", "size": 12, "color": faded(colours.accent, shade)},
            name=name,
        )
    for level, shown in zip(INTERVALS[80], (True, False), strict=True):
        figure.add_scatter(
            x=ahead,
            y=path(baseline, level),
            line={"color": colours.muted, "width": 1, "dash": "dot"},
            mode="lines",
            name="Random walk 80 % (dotted)",
            legendgroup="walk",
            showlegend=shown,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=ahead,
        y=path(baseline, 0.50),
        customdata=[[close[-1], close[-1]], *baseline[list(INTERVALS[80])].to_numpy().tolist()],
        line={"color": colours.muted, "width": 2, "dash": "dot"},
        mode="lines",
        name="Random walk median (dotted)",
        hovertemplate="random walk %{y:,.6~g}<br>its 80 % from %{customdata[0]:,.6~g} to "
        "%{customdata[1]:,.6~g}<extra></extra>",
    )
    figure.add_scatter(
        x=ahead,
        y=path(prices, 0.50),
        line={"color": colours.accent, "width": 2.5, "dash": "dash"},
        mode="lines",
        name="Median",
        customdata=[[close[-1], close[-1]], *prices[list(INTERVALS[80])].to_numpy().tolist()],
        hovertemplate="median %{y:,.6~g}<br>80 % from %{customdata[0]:,.6~g} to "
        "%{customdata[1]:,.6~g}<extra></extra>",
    )
    figure.add_scatter(
        x=dates,
        y=close,
        line={"color": colours.line, "width": 2},
        mode="lines",
        name="Close",
        hovertemplate="close %{y:,.6~g}<extra></extra>",
    )
    _label_ends(figure, ahead[-1], prices, colours)
    figure.add_vline(x=len(dates) - 1, line={"color": colours.muted, "width": 1, "dash": "dot"})
    figure.update_layout(height=440, margin={"l": 8, "r": 64, "t": 8, "b": 8})
    return style(figure, [*dates, *targets], colours)


def style(figure: go.Figure, dates: list[str], colours: Ink) -> go.Figure:
    """What all charts share: sessions as categories without weekend gaps, quiet axes."""
    step = max(1, len(dates) // _TICKS)
    ticks = dates[step // 2 :: step]
    figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=dates,
        tickvals=ticks,
        ticktext=[f"{date[5:]}<br>{date[:4]}" for date in ticks],  # narrow enough for a phone
        tickangle=0,
        showgrid=False,
        hoverformat="%Y-%m-%d",
    )
    figure.update_yaxes(
        side="right", gridcolor=colours.grid, zeroline=False, tickformat=",.6~g", automargin=True
    )
    figure.update_layout(
        hovermode="x unified",
        dragmode="pan",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        modebar={
            "bgcolor": "rgba(0,0,0,0)",
            "color": colours.muted,
            "activecolor": colours.accent,
        },
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "xanchor": "left"},
    )
    return figure


def _label_ends(figure: go.Figure, last: str, prices: pd.DataFrame, colours: Ink) -> None:
    for level, name in ((0.90, "90 %"), (0.50, "median"), (0.10, "10 %")):
        price = prices[level].iloc[-1]
        figure.add_annotation(
            x=last,
            y=price,
            text=amount(price, prices[0.50].iloc[0]),
            hovertext=name,
            showarrow=False,
            xanchor="left",
            xshift=4,
            font={"size": 11, "color": colours.accent},
        )
