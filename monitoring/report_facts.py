"""Facts of the latest monitoring report: three verdicts and the numbers behind them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from prometheus_client.core import Metric

from core.lifecycle.drift_episodes import CALM_SESSIONS, HISTORY_REPORTS, open_episode
from core.lifecycle.report_store import DriftVerdict, Measure, Reports, Signal, SignalName
from core.reference.forecast_kinds import ForecastKind
from core.registry.served_tickers import ServedTickers
from monitoring.families import Values, age, gauge, one

COVERAGE = "coverage_80"


def report_facts(reports: Reports, served: ServedTickers, at: datetime) -> Iterator[Metric]:
    """What the latest report says of the version that serves now, as far as there is one."""
    if served.serving is not None:
        yield gauge(
            "unlearned_tickers",
            "Tickers that the version which serves forecasts and never learned from.",
            one(len(served.unlearned)),
        )
    history = reports.latest(HISTORY_REPORTS)
    if history:
        yield gauge(
            "drift_confirmed",
            "1 while an episode of drift is open: inputs moved beyond chance and so did outputs "
            f"or errors, and {CALM_SESSIONS} calm sessions have not passed since; else 0.",
            one(open_episode(history) is not None),
        )
    latest = [] if served.version is None else reports.latest(1, served.version)
    if not latest:
        return
    report = latest[0]
    yield gauge(
        "monitor_report_age_seconds",
        "Seconds since the latest monitoring report.",
        one(age(at, report.at)),
    )
    yield gauge(
        "monitor_report_sample",
        "1 if the latest monitoring report is about sample bars, else 0.",
        one(report.sample),
    )
    yield gauge(
        "monitor_report_model_version",
        "The model version that the latest monitoring report is about.",
        one(report.model_version),
    )
    yield from _verdicts(report.signals)
    yield from _distances(one for one in report.signals if one.name != SignalName.DECAY)
    yield from _errors([one for one in report.signals if one.name == SignalName.DECAY])


def label(text: str) -> str:
    """A signal's name or a verdict as a label value."""
    return text.replace(" ", "_")


def _verdicts(signals: tuple[Signal, ...]) -> Iterator[Metric]:
    yield gauge(
        "signal_verdict",
        "1 for the verdict on a signal, 0 for the verdicts it did not get.",
        {
            (label(signal.name), label(verdict)): signal.verdict == verdict
            for signal in signals
            for verdict in DriftVerdict
        },
        ("signal", "verdict"),
    )
    yield gauge(
        "signal_rows",
        "Pairs of ticker and session in the current window of a signal.",
        {(label(signal.name),): signal.n for signal in signals},
        ("signal",),
    )
    judged = [signal for signal in signals if signal.verdict != DriftVerdict.TOO_LITTLE]
    yield gauge(
        "signal_beyond_measures",
        "Measures of a signal beyond their bound.",
        {(label(signal.name),): signal.beyond for signal in judged},
        ("signal",),
    )
    yield gauge(
        "signal_budget_measures",
        "Measures of a signal that chance alone puts beyond their bound.",
        {(label(signal.name),): signal.budget for signal in judged},
        ("signal",),
    )


def _distances(signals: Iterable[Signal]) -> Iterator[Metric]:
    moved = list(signals)

    def of(value: Callable[[Measure], float | None]) -> Values:
        return {
            (label(signal.name), measure.name): value(measure)
            for signal in moved
            for measure in signal.measures
        }

    labels = ("signal", "column")
    yield gauge(
        "drift_distance",
        "Wasserstein distance of the current window from the nearer of all that was learned and "
        "the newest 40 sessions of it, in standard deviations.",
        of(lambda measure: measure.value),
        labels,
    )
    yield gauge(
        "drift_distance_bound",
        "Distance that 95 % of past windows stay within, in standard deviations.",
        of(lambda measure: measure.bound),
        labels,
    )


def _errors(decay: list[Signal]) -> Iterator[Metric]:
    yield gauge(
        "forecast_error_live",
        "1 if the current errors are of live forecasts as people were shown them, 0 if of "
        "replayed ones.",
        {(): signal.source == ForecastKind.LIVE for signal in decay if signal.source},
    )
    measures = [measure for signal in decay for measure in signal.measures]
    errors = [measure for measure in measures if measure.name != COVERAGE]
    yield gauge(
        "forecast_error",
        "Errors of forecasts of 1 to 5 sessions, in widths of the 80 % interval.",
        _windows(errors),
        ("measure", "window"),
    )
    yield gauge(
        "forecast_error_bound",
        "Error that chance stays below, in widths of the 80 % interval.",
        {(measure.name,): measure.bound for measure in errors},
        ("measure",),
    )
    yield gauge(
        "coverage_80_ratio",
        "Share of outcomes inside the 80 % interval, forecasts of 1 to 5 sessions.",
        {key[1:]: value for key, value in _windows(m for m in measures if m not in errors).items()},
        ("window",),
    )


def _windows(measures: Iterable[Measure]) -> dict[tuple[str, ...], float | None]:
    found: dict[tuple[str, ...], float | None] = {}
    for measure in measures:
        found[(measure.name, "current")] = measure.value
        found[(measure.name, "reference")] = measure.reference
    return found
