"""The history chart: candles, volume, overlays and events."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.components.charts import MARGIN, style
from app.components.palettes import LINES, Palette, ink
from core.features import indicators

OVERLAYS = ("SMA 20", "SMA 60", "Bollinger 20", "RSI 14", "MACD")
SCALES = ("Price", "Log", "Percent")
_FEW_LABELS_FROM = 5.0


def candles(
    bars: pd.DataFrame,
    shown: int,
    scale: str,
    overlays: list[str],
    palette: Palette,
    dark: bool,
) -> go.Figure:
    """Candles over volume.

    Parameters
    ----------
    bars : of one ticker, with what lies before the range shown, so that averages start warm.
    shown : how many rows at the end to draw.
    scale : one of `SCALES`; Percent is the change from the first close shown.
    overlays : out of `OVERLAYS`.
    """
    colours = ink(dark)
    lower = [name for name in ("RSI 14", "MACD") if name in overlays]
    rows = 2 + len(lower)
    heights = [0.62, 0.16, *[0.22] * len(lower)]
    figure = make_subplots(
        rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.03, row_heights=heights
    )
    visible = bars.tail(shown)
    dates = visible["session"].dt.strftime("%Y-%m-%d").tolist()
    base = float(visible["close"].iloc[0])

    def scaled(values: pd.Series) -> pd.Series:
        return (values / base - 1.0) * 100.0 if scale == "Percent" else values

    figure.add_candlestick(
        x=dates,
        **{name: scaled(visible[name]) for name in ("open", "high", "low", "close")},
        increasing={"line": {"color": palette.up, "width": 1}, "fillcolor": "rgba(0,0,0,0)"},
        decreasing={"line": {"color": palette.down, "width": 1}, "fillcolor": palette.down},
        name="Price",
        showlegend=False,
    )
    figure.add_bar(
        x=dates,
        y=visible["volume"],
        marker={"color": _volume_colours(visible, palette, colours.muted), "opacity": 0.55},
        name="Volume",
        showlegend=False,
        row=2,
        col=1,
    )
    close = bars["close"].to_numpy()
    colour_of = dict(zip(overlays, LINES, strict=False))
    for name in (name for name in overlays if name not in lower):
        for label, values in _on_price(name, close).items():
            line = scaled(pd.Series(values, index=bars.index)).tail(shown)
            figure.add_scatter(
                x=dates,
                y=line,
                mode="lines",
                name=label,
                legendgroup=name,
                line={
                    "color": colour_of[name],
                    "width": 1.3,
                    "dash": "dot" if "band" in label else "solid",
                },
            )
    for row, name in enumerate(lower, start=3):
        for label, values in _below(name, close).items():
            figure.add_scatter(
                x=dates,
                y=values[-shown:],
                mode="lines",
                name=label,
                line={
                    "color": colours.muted if "signal" in label else colour_of[name],
                    "width": 1.3,
                },
                row=row,
                col=1,
            )
    _mark_events(figure, visible, scaled(visible["high"]), colours.muted)
    figure.update_layout(height=440 + 110 * len(lower), margin=MARGIN, bargap=0.15)
    style(figure, dates, colours)
    figure.update_xaxes(rangeslider={"visible": False})
    ratio = float(visible["close"].max() / visible["close"].min())
    figure.update_yaxes(
        type="log" if scale == "Log" else "linear",
        # Over several octaves a label at every digit would print over the next.
        dtick="D2" if scale == "Log" and ratio > _FEW_LABELS_FROM else None,
        ticksuffix=" %" if scale == "Percent" else "",
        row=1,
        col=1,
    )
    figure.update_yaxes(tickformat=".2~s", nticks=4, row=2, col=1)
    return figure


def _volume_colours(bars: pd.DataFrame, palette: Palette, unknown: str) -> list[str]:
    """Up or down by each bar's own open and close, neither where it has no open."""
    moves = (bars["close"] - bars["open"]).tolist()
    known = {True: palette.up, False: palette.down}
    return [unknown if move != move else known[move >= 0] for move in moves]


def _on_price(name: str, close: pd.Series) -> dict[str, pd.Series]:
    if name.startswith("SMA"):
        return {name: indicators.sma(close, int(name.removeprefix("SMA ")))}
    bands = indicators.bollinger(close)
    return {"Bollinger, upper band": bands.upper, "Bollinger, lower band": bands.lower}


def _below(name: str, close: pd.Series) -> dict[str, pd.Series]:
    if name == "RSI 14":
        return {"RSI 14": indicators.rsi(close)}
    macd = indicators.macd(close)
    return {"MACD": macd.line, "MACD signal": macd.signal}


def _mark_events(figure: go.Figure, bars: pd.DataFrame, high: pd.Series, colour: str) -> None:
    kinds = (
        ("D", "Dividend", bars["dividend"] > 0, bars["dividend"].map("dividend {:,.4g}".format)),
        ("S", "Split", bars["split_ratio"] != 1, bars["split_ratio"].map("split {:g}:1".format)),
    )
    for letter, name, on, labels in kinds:
        if on.any():
            figure.add_scatter(
                x=bars.loc[on, "session"].dt.strftime("%Y-%m-%d"),
                y=high[on],
                mode="text",
                text=letter,
                textposition="top center",
                textfont={"size": 11, "color": colour, "weight": 700},
                hovertext=labels[on],
                hoverinfo="text",
                name=name,
                showlegend=False,
            )
