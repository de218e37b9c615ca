"""The runs that are on record in MLflow, for people to look through and compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.registry.mlflow_client import EXPERIMENT, connected
from core.storage.database import is_there

if TYPE_CHECKING:
    from mlflow.entities import Run

PAGE = 50
_SECONDS = 2
_TROUBLE = "MLflow does not answer or refuses."
_PARAM, _METRIC = "params.", "metrics."


@dataclass(frozen=True)
class RunPage:
    """One page of runs, newest first.

    Parameters
    ----------
    runs : a row a run: `run_id`, `name`, `status`, `started` (UTC), `version`, then every
        parameter as text in `params.NAME` and every metric as float64 in `metrics.NAME`, of a
        metric with steps the last. What a run does not have is NaN.
    following : the token of the next page; empty if there is none.
    """

    runs: pd.DataFrame
    following: str


class Experiments:
    """Reads runs at one tracking address; no request takes more than a few seconds."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._experiment = ""

    def search(self, condition: str = "", token: str = "", most: int = PAGE) -> RunPage:
        """A page of the runs that keep a condition, in MLflow's own language.

        Parameters
        ----------
        condition : such as ``metrics.skill_all > 0.02 and params.forecaster = 'har'``; all if
            empty.
        token : of the page, as the one before gave it; the first if empty.

        Raises
        ------
        InvalidInputError : the condition makes no sense to MLflow, in its own words.
        OfflineError : MLflow does not answer.
        """
        if not is_there(self._address):  # MLflow would make its database, which takes seconds
            return RunPage(_frame([]), "")
        with connected(self._address, _TROUBLE, _SECONDS, 0) as client:
            if not self._experiment:
                found = client.get_experiment_by_name(EXPERIMENT)
                if found is None:
                    return RunPage(_frame([]), "")
                self._experiment = str(found.experiment_id)
            page = client.search_runs(
                [self._experiment],
                condition.strip(),
                max_results=most,
                order_by=["attributes.start_time DESC"],
                page_token=token or None,
            )
        return RunPage(_frame(page), page.token or "")


def differences(runs: pd.DataFrame) -> pd.DataFrame:
    """What tells runs apart.

    Parameters
    ----------
    runs : rows of `RunPage.runs`, at least two.

    Returns
    -------
    A row for each parameter and metric that is not the same in all, parameters first, a column a
    run, named as the run; values as they are, NaN where a run has none.
    """
    chosen = [name for name in runs if str(name).startswith((_PARAM, _METRIC))]
    values = runs.set_index("name")[chosen]
    apart = [name for name in chosen if values[name].nunique(dropna=False) > 1]
    return values[sorted(apart, key=lambda name: (str(name).startswith(_METRIC), str(name)))].T


def _frame(found: "Sequence[Run]") -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "run_id": run.info.run_id,
            "name": run.info.run_name,
            "status": run.info.status,
            "started": pd.Timestamp(run.info.start_time, unit="ms", tz="UTC"),
            "version": run.data.tags.get("tickerlens.version", ""),
            **{f"{_PARAM}{key}": value for key, value in sorted(run.data.params.items())},
            **{f"{_METRIC}{key}": value for key, value in sorted(run.data.metrics.items())},
        }
        for run in found
    ]
    columns = ["run_id", "name", "status", "started", "version"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)
