"""The stores of this process, opened from the settings, each on first use."""

from functools import lru_cache

from app.state.mlflow_reader import RunReader
from app.state.prefect_client import Runs
from core.foundation.access import Scheduler
from core.foundation.caches.opened_once import opened_once
from core.foundation.errors import StorageError
from core.foundation.settings import load_settings
from core.wiring import Workspace

_NOBODY = "tickerlens:nobody"


class Stores(Workspace):
    """Everything pages and routes read from and write to."""

    @opened_once
    def runs(self) -> Runs:
        """Prefect's schedules and runs."""
        return Runs(self._scheduler())

    @opened_once
    def runs_on_record(self) -> RunReader:
        """The runs on record in MLflow, never waited for."""
        return RunReader(self.mlflow_runs)

    def _scheduler(self) -> Scheduler:
        try:
            return self.scheduler
        except StorageError:  # a home that can only be read has no password, nor a scheduler
            return self.access.scheduler(self.settings.prefect_address, _NOBODY)


@lru_cache(maxsize=1)
def stores() -> Stores:
    """The stores of this process."""
    return Stores(load_settings())
