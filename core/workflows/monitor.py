"""Compare what the champion was measured on with the latest window, and keep the report."""

from collections.abc import Callable
from typing import Any, Protocol

from core.foundation.clock import Clock, utc_now
from core.foundation.messages import Message
from core.foundation.progress import Progress, silent
from core.lifecycle.drift_episodes import HISTORY_REPORTS, open_episode, training_due
from core.lifecycle.monitor import MonitoringInput, build_report, monitoring_input
from core.lifecycle.report_store import reason_of, report_to_dict
from core.lifecycle.train import learned_already
from core.wiring import Workspace


class Measured(Protocol):
    """What was measured: distances and error numbers by name, and whole pages, HTML by name."""

    @property
    def distances(self) -> dict[str, float]:
        """In standard deviations, by column."""

    @property
    def quality(self) -> dict[str, float]:
        """Of the current window, and "reference <name>" beside them."""

    @property
    def pages(self) -> dict[str, str]:
        """Full reports."""


Measure = Callable[[MonitoringInput], Measured]


def monitor(
    workspace: Workspace,
    measure: Measure,
    progress: Progress = silent,
    announce: Callable[[Message], None] | None = None,
    clock: Clock = utc_now,
) -> dict[str, Any]:
    """Compare the champion's past with the latest window and keep the report.

    Parameters
    ----------
    measure : the adapter to Evidently, or what stands in its place; loaded by the caller, for it
        costs seconds.
    announce : called with the reason where drift is to start a training, see
        `core.lifecycle.drift_episodes`; not where a version learned from these very bars already.

    Returns
    -------
    The report and the drift episode that is open, JSON-able.
    """
    bars, registry, reports = workspace.bars, workspace.registry, workspace.reports
    monitored = monitoring_input(bars, registry, progress, workspace.ledger.shown_scores)
    progress("Measuring with Evidently", 0, 1)
    measured = measure(monitored)
    report = build_report(monitored, measured.distances, measured.quality, clock())
    stored = reports.add(report, measured.pages)
    history = reports.latest(HISTORY_REPORTS)
    if announce is not None and training_due(history) and not learned_already(bars, registry):
        # Noted first: to ask twice after a crash is worse than to ask again once it has cooled.
        stored = reports.tell(stored)
        announce(reason_of(stored))
    progress("Report kept", 1, 1)
    episode = open_episode(reports.latest(HISTORY_REPORTS))
    return report_to_dict(stored) | {"episode": episode and episode.to_dict()}
