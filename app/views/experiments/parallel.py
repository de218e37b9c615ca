"""Runs as lines over their parameters and results: parallel axes, one below the other.

Plotly's own draw their axes in black, which a dark page swallows, and their labels on each other
on a phone.
"""

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.components.palettes import faded, ink
from core.foundation.stored_numbers import numbers

# What is drawn of a run, in this order: what went in above, what came out below.
_AXES = {
    "params.window": "Window",
    "params.penalty": "Penalty",
    "params.prior_observations": "Prior",
    "params.half_life": "Half-life",
    "params.bars": "Bars",
    "metrics.seconds": "Seconds",
    "metrics.memory_mb": "MB",
    "metrics.skill_n": "n",
    "metrics.coverage_80_all": "Coverage, %",
    "metrics.skill_all": "Skill, %",
}
_IN_PERCENT = ("metrics.coverage_80_all", "metrics.skill_all")
_APART = 1e-9  # of the largest: what differs by less is the same number
_STEPS = 4  # between the ticks of an axis, at most one more


def axes(runs: pd.DataFrame) -> pd.DataFrame:
    """Numbers that differ between runs, a column each; NaN where a run has none.

    Runs with fewer than two of them, which make no line, are left out; the index is kept.
    """
    found = {}
    for column, label in _AXES.items():
        if column not in runs:
            continue
        values = numbers(runs[column])
        if values.max() - values.min() > _APART * values.abs().max():
            found[label] = 100.0 * values if column in _IN_PERCENT else values
    return pd.DataFrame(found, index=runs.index).dropna(thresh=2)


def parallel(values: pd.DataFrame, names: list[str], chosen: list[bool], dark: bool) -> go.Figure:
    """A line a run over the axes of `axes`; the chosen ones stand out, all if there are none."""
    colours, figure = ink(dark), go.Figure()
    levels = list(range(len(values.columns)))[::-1]
    ticks = {name: _ticks(values[name]) for name in values}
    places = pd.DataFrame(
        {name: (values[name] - at[0]) / (at[-1] - at[0]) for name, at in ticks.items()}
    )
    for row in sorted(range(len(values)), key=lambda row: chosen[row]):  # those on top
        stands_out = chosen[row] or not any(chosen)
        colour = colours.accent if stands_out else faded(colours.muted, 0.45)
        labels = [_number(value, 6) for value in values.iloc[row]]
        figure.add_scatter(
            x=places.iloc[row],
            y=levels,
            mode="lines+markers",
            line={"color": colour, "width": 3 if chosen[row] else 1.5},
            marker={"color": colour, "size": 8 if chosen[row] else 5},
            name=names[row],
            text=[f"{label} {value}" for label, value in zip(values, labels)],
            hovertemplate="%{text}<extra>%{fullData.name}</extra>",
        )
    marks = [(x, y, text) for y, at in zip(levels, ticks.values()) for x, text in _marks(at)]
    for x, y, text in marks:  # the page behind each, so that no line crosses it out
        figure.add_annotation(
            x=x,
            y=y,
            text=text,
            yshift=-14,
            showarrow=False,
            font={"color": colours.line, "size": 11},
            bgcolor=colours.page,
            borderpad=1,
        )
    figure.add_scatter(
        x=[x for x, _, _ in marks],
        y=[y for _, y, _ in marks],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 8, "color": colours.line},
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(visible=False, range=[-0.05, 1.05], fixedrange=True)
    figure.update_yaxes(
        tickvals=levels,
        ticktext=list(values),
        range=[-0.5, len(levels) - 0.7],
        gridcolor=colours.muted,
        zeroline=False,
        automargin=True,
        fixedrange=True,
    )
    return figure.update_layout(
        height=40 + 56 * len(levels),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        font={"color": colours.line, "size": 13},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        hovermode="closest",
        dragmode=False,
    )


def _ticks(values: "pd.Series[float]") -> np.ndarray:
    """Round numbers, evenly apart, from below the least value to above the largest."""
    low, high = float(values.min()), float(values.max())
    raw = (high - low) / _STEPS
    size = 10.0 ** math.floor(math.log10(raw))
    step = size * next(one for one in (1, 2, 5, 10) if one * size >= raw * (1 - 1e-9))
    first, last = math.floor(low / step), math.ceil(high / step)
    return step * np.arange(first, last + 1)


def _marks(ticks: np.ndarray) -> list[tuple[float, str]]:
    decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    span = ticks[-1] - ticks[0]
    return [
        ((tick - ticks[0]) / span, f"{tick + 0.0:,.{decimals}f}".replace("-", "−"))
        for tick in ticks
    ]


def _number(value: float, digits: int) -> str:
    """Such as 12,153 or −1.7; never 1.2e+04 for what has few digits."""
    if not math.isfinite(value):
        return ""
    return f"{float(f'{value:.{digits}g}'):,.10g}".replace("-", "−")
