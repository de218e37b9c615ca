"""The night's work, one step after the other."""

from collections.abc import Callable
from typing import Any

from core.foundation.clock import Clock, utc_now
from core.foundation.errors import TickerLensError
from core.foundation.progress import Progress, WorkStatus, silent
from core.lifecycle.train import TrainingRequest
from core.lifecycle.wanted_training import training_wanted
from core.market_data.ingest import WantedBars
from core.wiring import Workspace
from core.workflows.bars.ingest import ingest
from core.workflows.forecast import forecast, unrecorded
from core.workflows.monitor import Measure, monitor
from core.workflows.score import score
from core.workflows.training.train import train


def nightly(
    workspace: Workspace,
    actor: str,
    measure: Measure,
    progress: Progress = silent,
    clock: Clock = utc_now,
) -> dict[str, Any]:
    """Ingest, train if nothing serves, score, monitor, forecast; a failing step is named.

    That of the forecasts fails too where none of them is in the ledger.

    Parameters
    ----------
    measure : see `core.workflows.monitor`.
    clock : asked anew by each step.

    Raises
    ------
    TickerLensError : every step failed; the reason of the first.
    """
    request = TrainingRequest(actor, "nothing serves yet")

    def fetch() -> dict[str, Any]:
        return ingest(workspace, WantedBars(), actor, clock(), progress, ask=False).to_dict()

    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "ingest": fetch,
        "train": lambda: train(workspace, request, progress, clock),
        "score": lambda: score(workspace, clock(), progress=progress),
        "monitor": lambda: monitor(workspace, measure, progress, clock=clock),
        "forecast": lambda: forecast(workspace, progress=progress, clock=clock),
    }
    done: dict[str, Any] = {}
    failures: dict[str, TickerLensError] = {}
    tried: list[str] = []
    for name, step in steps.items():
        if name == "train" and not _nothing_serves(workspace):
            continue
        tried.append(name)
        try:
            done[name] = step()
            if reason := unrecorded(done[name]):
                failures[name] = TickerLensError.of(reason)
        except TickerLensError as error:
            failures[name] = error
    if failures.keys() == set(tried):
        raise next(iter(failures.values()))
    partial = failures or any(one.get("status") == WorkStatus.PARTIAL for one in done.values())
    return {
        "status": WorkStatus.PARTIAL if partial else WorkStatus.OK,
        **done,
        "failed": {name: error.sentence for name, error in failures.items()},
    }


def _nothing_serves(workspace: Workspace) -> bool:
    registry = workspace.registry
    return registry.champion() is None or training_wanted(registry, workspace.bars) is not None
