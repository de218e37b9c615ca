"""A fault of stored bars seen from near: the bars around it, drawn and as a table."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.components.charts import style
from app.components.palettes import faded, ink
from core.market_data.lake.holds import HOLD
from core.market_data.records.quarantine import QuarantineEntry
from core.reference.bar_holds import Hold

# What a table says is withheld of a row.
WITHHELD = {
    Hold.NONE: "",
    Hold.PRICES: "prices",
    Hold.ACTIONS: "dividend and split",
    Hold.ALL: "all of it",
    Hold.STEP: "all before it",
}
_DRAWN, _LISTED = 30, 5  # sessions on either side
_MAX_FAULT_SESSIONS = 250  # sessions of a fault that are shown; the first ones


def around(
    rows: pd.DataFrame, entry: QuarantineEntry, beside: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows of a fault with neighbours, and which are at fault.

    Parameters
    ----------
    rows : what is stored of the ticker, as `ParquetBars.latest` gives it.
    beside : how many neighbours on either side.
    """
    fault = rows["session"].dt.date.between(entry.first, entry.last).to_numpy()
    places = np.flatnonzero(fault)
    if not len(places):
        return rows.iloc[:0], fault[:0]
    start, end = (
        max(0, places[0] - beside),
        min(places[-1], places[0] + _MAX_FAULT_SESSIONS) + beside + 1,
    )
    return rows.iloc[start:end], fault[start:end]


def chart(rows: pd.DataFrame, entry: QuarantineEntry, dark: bool) -> go.Figure:
    """Closes as traded around a fault; what is at fault lies on a tinted ground, with signs."""
    near, fault = around(rows, entry, _DRAWN)
    colours = ink(dark)
    dates = near["session"].dt.strftime("%Y-%m-%d").tolist()
    close = near["close"].where(near["close"] > 0)
    figure = go.Figure()
    low, high = (near[name].where(near[name] > 0) for name in ("low", "high"))
    figure.add_scatter(
        x=dates,
        y=close,
        mode="lines+markers",
        line={"color": colours.line, "width": 1.5},
        marker={"size": 4},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (high - close).clip(lower=0),
            "arrayminus": (close - low).clip(lower=0),
            "color": faded(colours.muted, 0.6),
            "thickness": 1,
            "width": 0,
        },
        name="Close, with low and high",
        hovertemplate="close %{y:,.6~g}<extra></extra>",
    )
    figure.add_scatter(
        x=[date for date, wrong in zip(dates, fault, strict=True) if wrong],
        y=close[fault],
        mode="markers",
        marker={
            "symbol": "diamond-open",
            "size": 12,
            "color": colours.hold,
            "line": {"width": 2},
        },
        name="Asked about",
        hovertemplate="asked about: %{y:,.6~g}<extra></extra>",
    )
    for first, last in _runs(fault):
        figure.add_vrect(
            x0=first - 0.5,
            x1=last + 0.5,
            fillcolor=faded(colours.hold, 0.16),
            line_width=0,
            layer="below",
        )
    figure.update_layout(height=300, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return style(figure, dates, colours)


def table(rows: pd.DataFrame, entry: QuarantineEntry) -> pd.DataFrame:
    """The raw values around a fault, and what is withheld of each."""
    change = rows["close"] / rows["close"].shift() * rows["split_ratio"] - 1.0
    near, fault = around(rows.assign(change=change), entry, _LISTED)
    return pd.DataFrame(
        {
            "Session": near["session"].dt.strftime("%Y-%m-%d") + np.where(fault, " ◆", ""),
            "Open": near["open"],
            "High": near["high"],
            "Low": near["low"],
            "Close": near["close"],
            "Change %": near["change"] * 100.0,
            "Volume": near["volume"],
            "Dividend": near["dividend"],
            "Split": near["split_ratio"],
            "Withheld": near[HOLD].map(WITHHELD),
            "Source": near["source"],
        }
    )


def _runs(fault: np.ndarray) -> list[tuple[int, int]]:
    """First and last position of each run of True."""
    edges = np.flatnonzero(np.diff(np.r_[False, fault, False].astype(int)))
    return [(int(first), int(after) - 1) for first, after in edges.reshape(-1, 2)]
