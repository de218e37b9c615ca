"""Runs from MLflow without waiting for it: asked in a thread, and the last answer remembered."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from cachetools import LRUCache

from core.foundation.errors import OfflineError, TickerLensError
from core.registry.mlflow_client import load
from core.registry.mlflow_runs import Experiments, RunPage

_SECONDS = 1.2
_REST_SECONDS = 10.0  # how long a silent MLflow is not asked again
_AT_ONCE = 4
_MAX_READINGS = 50


@dataclass(frozen=True)
class Reading:
    """A page of runs and when it was read; `trouble` says why it is not of now, if it is not.

    `page` and `at` are None where MLflow is silent and nothing was read before.
    """

    page: RunPage | None
    at: datetime | None
    trouble: str = ""


class RunReader:
    """Asks MLflow beside the page."""

    def __init__(self, experiments: Experiments) -> None:
        self._experiments = experiments
        self._pool = ThreadPoolExecutor(_AT_ONCE, "mlflow")
        self._last: LRUCache[tuple[str, str], Reading] = LRUCache(_MAX_READINGS)
        self._lock = threading.Lock()
        self._silence, self._ask_from = "", 0.0
        self._loading: threading.Thread | None = None
        self._loaded = threading.Event()

    def is_loaded(self) -> bool:
        """Whether MLflow's code is loaded, which takes seconds; the first call begins it."""
        if self._loading is None:
            self._loading = threading.Thread(target=self._load, name="load mlflow", daemon=True)
            self._loading.start()
        return self._loaded.is_set()

    def page(self, condition: str, token: str) -> Reading:
        """What MLflow says now, or what it said last if it does not answer in time.

        Raises
        ------
        InvalidInputError : the condition makes no sense to MLflow.
        """
        key = (condition.strip(), token)
        if time.monotonic() < self._ask_from:
            return self._silent(key)
        try:
            page = self._pool.submit(self._experiments.search, *key).result(_SECONDS)
        except TooLate:
            return self._silent(key, f"MLflow has not answered within {_SECONDS:g} seconds.")
        except OfflineError as error:
            return self._silent(key, error.message)
        found = Reading(page, datetime.now(UTC))
        with self._lock:
            self._last[key] = found
        return found

    def _silent(self, key: tuple[str, str], trouble: str = "") -> Reading:
        if trouble:
            self._silence, self._ask_from = trouble, time.monotonic() + _REST_SECONDS
        with self._lock:
            last = self._last.get(key, Reading(None, None))
        return Reading(last.page, last.at, self._silence)

    def _load(self) -> None:
        load()
        with suppress(TickerLensError):  # the page says so
            self._experiments.search()  # the first look at a database takes seconds too
        self._loaded.set()
