"""The runs that are on record in MLflow, for people to look through and compare."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from core.evaluation.reports import by_horizon
from core.foundation.errors import InvalidInputError, OfflineError
from core.foundation.messages import Message
from core.foundation.sql.addresses import with_driver
from core.foundation.sql.database import is_there
from core.foundation.stored_numbers import number
from core.reference.windows import is_window
from core.registry.mlflow_client import EXPERIMENT, SHA256_TAG, VERSION_TAG, connected

if TYPE_CHECKING:
    from mlflow.entities import Run
    from pandas._libs.tslibs import NaTType

PAGE = 50
_SECONDS = 2
_TROUBLE = Message("mlflow.no-answer", "MLflow does not answer or refuses.")
_PARAM, _METRIC = "params.", "metrics."
_LATEST_MS = 253_402_300_800_000  # the year 10000, which no date can be written of
_WINDOW, _FORMER_WINDOW = "training_window", "window"


@dataclass(frozen=True)
class RunPage:
    """One page of runs, newest first.

    Parameters
    ----------
    runs : a row a run: `run_id`, `name`, `status`, `started` (UTC), `version`, `sha256`, then every
        parameter as text in `params.NAME` and every metric as float64 in `metrics.NAME`, of a
        metric with steps the last. What a run does not have is NaN, and so is a metric that is
        infinite or otherwise no number, see `core.foundation.stored_numbers`. A training window
        that an older run has in `window` is in `params.training_window` as all others.
    following : the token of the next page; empty if there is none.
    """

    runs: pd.DataFrame
    following: str


class Experiments:
    """Reads runs at one tracking address; no request takes more than a few seconds.

    Parameters
    ----------
    recorded : the versions that were put there, as far as is known here.
    """

    def __init__(self, address: str, recorded: Callable[[], Collection[int]] = lambda: ()) -> None:
        self._address = address
        self._recorded = recorded

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
        OfflineError : MLflow does not answer, or its database is gone.
        """
        if not self._is_made():
            return RunPage(_frame([]), "")
        try:
            return self._search(condition.strip(), token, most)
        except OfflineError as error:
            if not condition.strip():
                raise
            # Some conditions pass MLflow's parser and fail in its database.
            self._search("", "", 1)
            raise InvalidInputError(
                "mlflow.filter-failed",
                "MLflow does not understand this filter: it fails in MLflow's database.",
                parameter="filter",
            ) from error

    def _search(self, condition: str, token: str, most: int) -> RunPage:
        with connected(self._address, _TROUBLE, _SECONDS, 0) as client:
            found = client.get_experiment_by_name(EXPERIMENT)
            if found is None:
                return RunPage(_frame([]), "")
            page = client.search_runs(
                [found.experiment_id],
                condition,
                max_results=most,
                order_by=["attributes.start_time DESC"],
                page_token=token or None,
            )
        following = page.token or ""
        if isinstance(following, bytes):  # as its own database gives it
            following = following.decode()
        return RunPage(_frame(page), following)

    def _is_made(self) -> bool:
        """Whether its database is ready; to ask MLflow before would make it, in seconds.

        And two that make it at once break it. A server sees to its own.
        """
        if self._address.startswith("http"):
            return True
        if not is_there(self._address):
            if self._recorded():
                raise OfflineError(
                    "mlflow.database-gone",
                    "MLflow's database is gone; put it back, or let the next training or "
                    "promotion record all models anew.",
                    parameter="mlflow",
                )
            return False
        query = sa.text("SELECT 1 FROM experiments WHERE name = :name")
        try:
            engine = sa.create_engine(with_driver(self._address), poolclass=sa.NullPool)
            with engine.connect() as connection:
                return connection.execute(query, {"name": EXPERIMENT}).first() is not None
        except sa.exc.SQLAlchemyError:
            return False


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
    by_step = {f"{_METRIC}{name}" for name in by_horizon.COLUMNS}  # only their last is told here
    chosen = [name for name in runs if str(name).startswith((_PARAM, _METRIC))]
    chosen = [name for name in chosen if name not in by_step]
    values = runs.set_index("name")[chosen]
    apart = [name for name in chosen if values[name].nunique(dropna=False) > 1]
    return values[sorted(apart, key=lambda name: (str(name).startswith(_METRIC), str(name)))].T


def _frame(found: "Sequence[Run]") -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "run_id": run.info.run_id,
            "name": run.info.run_name,
            "status": run.info.status,
            "started": _instant(run.info.start_time),
            "version": run.data.tags.get(VERSION_TAG, ""),
            "sha256": run.data.tags.get(SHA256_TAG, ""),
            **{f"{_PARAM}{key}": value for key, value in sorted(_params(run).items())},
            **{f"{_METRIC}{key}": number(one) for key, one in sorted(run.data.metrics.items())},
        }
        for run in found
    ]
    columns = ["run_id", "name", "status", "started", "version", "sha256"]
    if not rows:
        return pd.DataFrame(columns=columns)
    frame = pd.DataFrame(rows)
    return frame.assign(started=frame["started"].astype("datetime64[ms, UTC]"))


def _instant(milliseconds: object) -> "pd.Timestamp | NaTType":
    """When a run began; NaT if that is no instant of the calendar."""
    known = number(milliseconds)
    return pd.Timestamp(known, unit="ms", tz="UTC") if 0 <= known < _LATEST_MS else pd.NaT


def _params(run: "Run") -> dict[str, str]:
    """A run's parameters; older runs lost a forecaster's own `window` to that of the training."""
    params = dict(run.data.params)
    if _WINDOW not in params and is_window(params.get(_FORMER_WINDOW, "")):
        params[_WINDOW] = params.pop(_FORMER_WINDOW)
    return params
