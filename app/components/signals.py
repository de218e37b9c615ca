"""The three signals of monitoring, each as one sentence, a table and a trend."""

import pandas as pd
import plotly.graph_objects as go

from app.components.charts import style
from app.components.formats import percent
from app.components.palettes import ink
from core.storage.reports import BEYOND, TOO_LITTLE, Measure, Report, Signal

TITLES = {
    "data drift": "Inputs",
    "prediction drift": "Outputs",
    "performance decay": "Errors",
}
NAMES = {
    "loss": "Pinball loss, in widths of the 80 % band",
    "coverage_80": "Coverage of the 80 % band",
    "mae": "Mean absolute error, in widths",
    "rmse": "Root mean square error, in widths",
    "mean_error": "Mean error, in widths",
    "median_20": "Median at 20 sessions",
}
_WORDS = {
    "log_variance": "Log variance over {} sessions",
    "leverage": "Signed returns over {} sessions",
    "momentum": "Momentum over {} sessions",
    "log_width": "Log width at {} sessions",
}


def sentence(signal: Signal) -> str:
    """What a signal says, with its n and what chance allows."""
    title = TITLES[signal.name]
    if signal.verdict == TOO_LITTLE:
        return f"{title}: not enough data for {signal.name}. {signal.why}"
    if signal.name == "performance decay":
        return f"{title}: {_errors(signal)}"
    moved = "beyond what chance gives" if signal.verdict == BEYOND else "not beyond chance"
    return (
        f"{title}: {signal.name} {moved} ({signal.beyond} of {len(signal.measures)} measures "
        f"moved, budget {signal.budget}; n {signal.n}, reference {signal.n_reference})."
    )


def _errors(signal: Signal) -> str:
    grown = "grown beyond what chance gives" if signal.verdict == BEYOND else "not beyond chance"
    coverage = next((one for one in signal.measures if one.name == "coverage_80"), None)
    covered = "" if coverage is None else f"coverage of the 80 % band {percent(coverage.value)}, "
    return f"loss {grown} ({covered}n {signal.n} against {signal.n_reference} before)."


def label(measure: Measure) -> str:
    """A measure in words."""
    stem, _, number = measure.name.rpartition("_")
    return NAMES.get(measure.name) or _WORDS.get(stem, measure.name).format(number)


def table(signal: Signal) -> pd.DataFrame:
    """One row a measure; what has no bound or no reference is empty there."""
    rows = [
        {
            "Measure": label(one),
            "Now": one.value,
            "Reference": one.reference,
            "Chance stays below": one.bound,
            "Moved": "yes" if one.beyond else "no" if one.bound is not None else "",
        }
        for one in signal.measures
    ]
    frame = pd.DataFrame(rows)
    return frame.drop(columns="Reference") if frame["Reference"].isna().all() else frame


def trend(reports: list[Report], dark: bool) -> go.Figure:
    """How near each signal came to its bound, report by report; 1 is the bound itself."""
    colours = ink(dark)
    figure = go.Figure()
    dashes = {"data drift": "solid", "prediction drift": "dash", "performance decay": "dot"}
    ordered = sorted(reports, key=lambda one: one.id)
    instants = [f"{one.at:%Y-%m-%d %H:%M:%S}" for one in ordered]
    for name, title in TITLES.items():
        figure.add_scatter(
            x=instants,
            y=[_nearness(one.signal(name)) for one in ordered],
            name=title,
            mode="lines+markers",
            line={"color": colours.accent, "dash": dashes[name]},
        )
    figure.add_hline(y=1.0, line={"color": colours.muted, "width": 1})
    figure.update_yaxes(title="largest value / bound", rangemode="tozero")
    return style(figure, instants, colours).update_layout(
        height=300, legend={"y": 1.02, "yanchor": "bottom"}, margin={"t": 50}
    )


def _nearness(signal: Signal) -> float | None:
    shares = [one.value / one.bound for one in signal.measures if one.bound]
    return max(shares) if shares else None
