"""What the page Experiments asks of MLflow, with many runs on record."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.registry.mlflow_client import EXPERIMENT, load
from core.registry.mlflow_runs import Experiments
from tests.benchmarks.measure import Figure, Size, typical

RUNS = 500
CONDITION = "metrics.skill_all > 0.5"
_HORIZONS = range(1, 21)
_METRICS = ("pinball", "baseline_pinball", "constant_pinball", "skill", "coverage_80", "width_80")


def runs(size: Size) -> Iterator[Figure]:
    """The first page of 500 runs, each with metrics for every horizon, and one by a filter."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'mlflow.db'}"
        fill(address, Path(folder) / "runs")
        experiments = Experiments(address)
        yield typical(f"first page of {RUNS} runs", 1, experiments.search, 1.5)
        yield typical("the same by a filter", 1, lambda: experiments.search(CONDITION), 0.6)


def fill(address: str, artifacts: Path) -> None:
    """Log the runs, of which `CONDITION` finds nearly half."""
    load()
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param

    client = MlflowClient(address)
    experiment = client.create_experiment(EXPERIMENT, artifacts.as_uri())
    for number in range(RUNS):
        run_id = client.create_run(experiment, run_name=f"har {number}").info.run_id
        metrics = [
            Metric(name, number / RUNS, 0, horizon) for name in _METRICS for horizon in _HORIZONS
        ]
        metrics += [Metric("skill_all", number / RUNS, 0, 0)]
        params = [Param(f"parameter_{key}", str(number)) for key in range(15)]
        client.log_batch(run_id, metrics, params)
