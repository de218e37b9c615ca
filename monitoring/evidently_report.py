"""The adapter to Evidently: two frames in, numbers and a full page out."""

import warnings
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from core.lifecycle.monitor import INPUTS, OUTPUTS, MonitoringInput
from core.lifecycle.monitoring_windows import Windows, shortfall

_ROWS = 20_000  # of a reference; more changes no figure that is looked at and fills the page
_SEED = 20240601


@dataclass(frozen=True)
class Measured:
    """What Evidently measured.

    Parameters
    ----------
    distances : Wasserstein distance of current and reference by column, in standard deviations.
    quality : error numbers of the current window by name, and "reference <name>" beside them.
    pages : Evidently's full reports, HTML by name.
    """

    distances: dict[str, float] = field(default_factory=dict)
    quality: dict[str, float] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)


def measure(windows: MonitoringInput) -> Measured:
    """Measure what has enough rows; the rest stays empty."""
    distances: dict[str, float] = {}
    quality: dict[str, float] = {}
    pages: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Evidently's own, on import and while it computes
        if not shortfall(windows.states):
            distances, pages["inputs"] = _distances(windows.states, windows.thresholds)
        if not shortfall(windows.errors.pair):
            quality, pages["errors"] = _quality(windows.errors.pair)
    return Measured(distances, quality, pages)


def _distances(pair: Windows, thresholds: dict[str, float]) -> tuple[dict[str, float], str]:
    from evidently import Report
    from evidently.metrics import ValueDrift

    columns = INPUTS + OUTPUTS
    report = Report(
        [
            ValueDrift(column=name, method="wasserstein", threshold=thresholds.get(name))
            for name in columns
        ]
    )
    found = report.run(pair.current[columns], _fewer(pair.reference)[columns])
    values = [float(one["value"]) for one in found.dict()["metrics"]]
    return dict(zip(columns, values, strict=True)), found.get_html_str(as_iframe=False)


def _quality(pair: Windows) -> tuple[dict[str, float], str]:
    from evidently import DataDefinition, Dataset, Regression, Report
    from evidently.metrics import MAE, RMSE, MeanError

    definition = DataDefinition(regression=[Regression(target="actual", prediction="median")])

    def dataset(rows: pd.DataFrame) -> Any:
        return Dataset.from_pandas(rows[["actual", "median"]], data_definition=definition)

    metrics = {"mae": MAE(), "rmse": RMSE(), "mean_error": MeanError()}
    current, reference = dataset(pair.current), dataset(_fewer(pair.reference))
    report = Report(list(metrics.values()))
    found = report.run(current, reference)
    before = report.run(reference, None)
    quality = {}
    for name, now, then in zip(metrics, found.dict()["metrics"], before.dict()["metrics"]):
        quality[name] = _value(now["value"])
        quality[f"reference {name}"] = _value(then["value"])
    return quality, found.get_html_str(as_iframe=False)


def _fewer(rows: pd.DataFrame) -> pd.DataFrame:
    return rows if len(rows) <= _ROWS else rows.sample(_ROWS, random_state=_SEED)


def _value(value: Any) -> float:
    return float(value["mean"] if isinstance(value, dict) else value)
