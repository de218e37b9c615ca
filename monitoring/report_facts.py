"""Facts of the latest monitoring report: three verdicts and the numbers behind them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from prometheus_client.core import Metric

from core.storage.reports import BEYOND, IN_BAND, TOO_LITTLE, Measure, Reports, Signal
from monitoring.families import Values, age, gauge, one

VERDICTS = (IN_BAND, BEYOND, TOO_LITTLE)
DECAY = "performance decay"
COVERAGE = "coverage_80"


def report_facts(reports: Reports, at: datetime) -> Iterator[Metric]:
    """Everything the latest report says; nothing if there is none."""
    latest = reports.latest(1)
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
    yield gauge(
        "drift_confirmed",
        "1 if inputs moved beyond chance and so did outputs or errors, else 0.",
        one(report.confirmed),
    )
    yield from _verdicts(report.signals)
    yield from _distances(one for one in report.signals if one.name != DECAY)
    yield from _errors(one for one in report.signals if one.name == DECAY)


def word(text: str) -> str:
    """A signal's name or a verdict as a label value."""
    return text.replace(" ", "_")


def _verdicts(signals: tuple[Signal, ...]) -> Iterator[Metric]:
    yield gauge(
        "signal_verdict",
        "1 for the verdict on a signal, 0 for the verdicts it did not get.",
        {
            (word(signal.name), word(verdict)): signal.verdict == verdict
            for signal in signals
            for verdict in VERDICTS
        },
        ("signal", "verdict"),
    )
    yield gauge(
        "signal_rows",
        "Pairs of ticker and session in the current window of a signal.",
        {(word(signal.name),): signal.n for signal in signals},
        ("signal",),
    )
    judged = [signal for signal in signals if signal.verdict != TOO_LITTLE]
    yield gauge(
        "signal_beyond_measures",
        "Measures of a signal beyond their bound.",
        {(word(signal.name),): signal.beyond for signal in judged},
        ("signal",),
    )
    yield gauge(
        "signal_budget_measures",
        "Measures of a signal that chance alone puts beyond their bound.",
        {(word(signal.name),): signal.budget for signal in judged},
        ("signal",),
    )


def _distances(signals: Iterable[Signal]) -> Iterator[Metric]:
    moved = list(signals)

    def of(value: Callable[[Measure], float | None]) -> Values:
        return {
            (word(signal.name), measure.name): value(measure)
            for signal in moved
            for measure in signal.measures
        }

    labels = ("signal", "column")
    yield gauge(
        "drift_distance",
        "Wasserstein distance of the current window from the reference, in standard deviations.",
        of(lambda measure: measure.value),
        labels,
    )
    yield gauge(
        "drift_distance_bound",
        "Distance that 95 % of past windows stay within, in standard deviations.",
        of(lambda measure: measure.bound),
        labels,
    )


def _errors(signals: Iterable[Signal]) -> Iterator[Metric]:
    measures = [measure for signal in signals for measure in signal.measures]
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
