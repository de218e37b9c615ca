"""Evidently, loaded when something is to be measured: that costs seconds."""

from typing import TYPE_CHECKING

from core.lifecycle.monitor import MonitoringInput

if TYPE_CHECKING:
    from monitoring.evidently_report import Measured


def measure(windows: MonitoringInput) -> "Measured":
    """Measure what has enough rows, see `monitoring.evidently_report`."""
    from monitoring import evidently_report

    return evidently_report.measure(windows)
