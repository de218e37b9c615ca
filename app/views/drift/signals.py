"""The three signals of monitoring, each as one sentence, a table and a trend."""

import pandas as pd
import plotly.graph_objects as go

from app.components.charts import style
from app.components.formats import counted, percent
from app.components.palettes import ink
from core.lifecycle.drift_episodes import CALM_SESSIONS, COOL_DOWN_SESSIONS, Episode
from core.lifecycle.report_store import DriftVerdict, Measure, Report, Signal, SignalName
from core.reference.forecast_kinds import ForecastKind
from core.reference.windows import window_in_words
from core.registry.served_tickers import ServedTickers

TITLES = {
    SignalName.DATA: "Inputs",
    SignalName.PREDICTION: "Outputs",
    SignalName.DECAY: "Errors",
}
NAMES = {
    "loss": "Pinball loss, in widths of the 80 % band",
    "coverage_80": "Coverage of the 80 % band",
    "mae": "Mean absolute error, in widths",
    "rmse": "Root mean square error, in widths",
    "mean_error": "Mean error, in widths",
    "median_20": "Median at 20 sessions",
}
_NAMED_TICKERS = 10
_WORDS = {
    "log_variance": "Log variance over {}",
    "leverage": "Signed returns over {}",
    "momentum": "Momentum over {}",
    "log_width": "Log width at {}",
}


def sentence(signal: Signal) -> str:
    """What a signal says, with its n and what chance allows."""
    title = TITLES[signal.name]
    if signal.verdict == DriftVerdict.TOO_LITTLE:
        parts = (f"{title}: not enough data for {signal.name}.", signal.reason, origin(signal))
        return " ".join(str(one) for one in parts if one)
    if signal.name == SignalName.DECAY:
        return f"{title}: {_errors(signal)}"
    moved = (
        "beyond what chance gives" if signal.verdict == DriftVerdict.BEYOND else "not beyond chance"
    )
    return (
        f"{title}: {signal.name} {moved} ({signal.beyond} of {len(signal.measures)} measures "
        f"moved, budget {signal.budget}; n {signal.n}{_on(signal)}, reference "
        f"{signal.n_reference})."
    )


def _on(signal: Signal) -> str:
    """On how many tickers it was measured, where they stand for all; else empty."""
    return f" on {signal.tickers} tickers that stand for all" if signal.tickers else ""


def _errors(signal: Signal) -> str:
    grown = (
        "grown beyond what chance gives"
        if signal.verdict == DriftVerdict.BEYOND
        else "not beyond chance"
    )
    coverage = next((one for one in signal.measures if one.name == "coverage_80"), None)
    covered = "" if coverage is None else f"coverage of the 80 % band {percent(coverage.value)}, "
    on = _on(signal)
    text = f"loss {grown} ({covered}n {signal.n}{on} against {signal.n_reference} before)."
    return f"{text} {origin(signal)}".strip()


def origin(signal: Signal) -> str:
    """Whose errors they are, in a sentence; empty where a report does not say."""
    if not (signal.source and signal.n):
        return ""
    window = f" of {window_in_words(signal.window)}" if signal.window else ""
    if signal.source == ForecastKind.REPLAYED:
        return (
            f"These are replayed forecasts{window}: no live ones of what serves now are old "
            "enough to say."
        )
    versions = " and ".join(map(str, signal.versions))
    made = f"version{'s' * (len(signal.versions) > 1)} {versions}"
    against = (
        ", against replayed ones before" if signal.reference_source == ForecastKind.REPLAYED else ""
    )
    return f"These are the {signal.n} live forecasts by {made}{window}, as shown{against}."


def of_episode(episode: Episode | None) -> str:
    """Whether drift is confirmed, since when, and what came of it."""
    if episode is None:
        return (
            "Only inputs that move together with outputs or errors start a training, at most one "
            f"in {COOL_DOWN_SESSIONS} sessions."
        )
    last = "" if episode.confirmed == episode.opened else f", last on {episode.confirmed}"
    trainings = " and ".join(str(one) for one in episode.trained)
    trained = f"A training was asked for on {trainings}. " if trainings else ""
    return (
        f"Drift of inputs is confirmed by a second signal, since {episode.opened}{last}. {trained}"
        f"It is over after {CALM_SESSIONS} calm sessions, so far {episode.calm}."
    )


def of_tickers(served: ServedTickers) -> str:
    """What is wrong with who forecasts the tickers, in a sentence; empty if nothing is."""
    if served.fallback and served.champion is not None:
        return (
            f"No version can serve {_named(served.fallback)}: the fallback forecaster makes their "
            f"forecasts, so version {served.champion.version} is not monitored. Train again."
        )
    if served.unlearned:
        return (
            f"Version {served.version} serves tickers it never learned: "
            f"{_named(served.unlearned)}. The next training of all tickers learns them."
        )
    return ""


def _named(tickers: tuple[str, ...]) -> str:
    rest = len(tickers) - _NAMED_TICKERS
    first = ", ".join(tickers[:_NAMED_TICKERS])
    return first if rest <= 0 else f"{first} and {rest} more"


def of_others(reports: list[Report]) -> pd.DataFrame:
    """One row a report, of whichever version, with its verdicts."""
    return pd.DataFrame(
        [
            {
                "Version": one.model_version,
                "Measured (UTC)": f"{one.at:%Y-%m-%d %H:%M}",
                "Sessions": window_in_words(one.current_window),
                **{title: one.signal(name).verdict for name, title in TITLES.items()},
            }
            for one in reports
        ]
    )


def label(measure: Measure) -> str:
    """A measure in words."""
    stem, _, number = measure.name.rpartition("_")
    if measure.name in NAMES or stem not in _WORDS:
        return NAMES.get(measure.name, measure.name)
    return _WORDS[stem].format(counted(int(number), "session"))


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
    dashes = {SignalName.DATA: "solid", SignalName.PREDICTION: "dash", SignalName.DECAY: "dot"}
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
