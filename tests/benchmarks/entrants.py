"""Who is compared: forecasters timed as they work, an oracle, and peers' forecasts replayed."""

import time
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from core.features.panel import Panel
from core.models.base import Forecaster
from core.models.har import ConstantWidth
from core.models.targets import log_volatility
from core.reference.schema import MAX_HORIZON
from tests.benchmarks.peers import environment

ORACLE = "oracle"
PEERS = {
    "GARCH-t": "garch",
    "AutoETS": "ets",
    "AutoTheta": "theta",
    "LightGBM": "lightgbm",
}


class Oracle(ConstantWidth):
    """Knows the realised volatility of the coming h sessions, and nothing of their direction."""

    name = ORACLE

    def _predicted(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        after = panel.first[panel.code[rows] + 1] - rows - 1
        predicted = np.full((len(rows), MAX_HORIZON), np.nan)
        known = after >= MAX_HORIZON
        predicted[known] = log_volatility(panel, rows[known])
        return predicted


class Timed(Forecaster):
    """A forecaster that knows how long it took: `seconds`, fits included, for `count` forecasts.

    A forecast is that of all horizons from one origin of one ticker.
    """

    name: ClassVar[str] = "timed"
    min_observations: ClassVar[int] = 1

    def __init__(self, model: Forecaster) -> None:
        self.model = model
        self.seconds, self.count = 0.0, 0

    def params(self) -> dict[str, float | int | str]:
        return {"of": self.model.name, **self.model.params()}

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        started = time.perf_counter()
        self.model.fit_panel(panel, until)
        self.seconds += time.perf_counter() - started
        return self

    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        started = time.perf_counter()
        predicted = self.model.quantiles(panel, rows)
        self.seconds += time.perf_counter() - started
        self.count += len(rows)
        return predicted


class Replayed(Forecaster):
    """A peer's forecasts from these origins, made beforehand in its own environment."""

    name: ClassVar[str] = "replayed"
    min_observations: ClassVar[int] = 1

    def __init__(self, peer: str, panel: Panel, origins: pd.DatetimeIndex) -> None:
        rows = panel.rows_at(origins)
        given = {
            "first": panel.first,
            "log_close": panel.log_close,
            "date": np.unique(panel.session, return_inverse=True)[1],
            "rows": rows,
        }
        response = environment.ask("forecasts", given, PEERS[peer])
        self.peer = peer
        self.seconds, self.count = float(response["seconds"]), len(rows)
        self._rows, self._returns = rows, response["returns"]

    def params(self) -> dict[str, float | int | str]:
        return {"of": self.peer}

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        return self

    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        at = np.searchsorted(self._rows, rows)
        assert np.array_equal(self._rows[at], rows)
        found: np.ndarray = self._returns[at]
        return found
