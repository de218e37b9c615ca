"""Scores of forecast quantiles, once the actual is known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.metrics.naive_errors import naive_errors
from core.evaluation.metrics.point_and_interval import scaled_error
from core.evaluation.metrics.quantile_scores import quantile_scores
from core.features.panel import Panel
from core.models.base import Forecaster
from core.reference.schema import HORIZONS, LEVELS

_MEDIAN = LEVELS.index(0.50)


@dataclass(frozen=True)
class QuantileForecasts:
    """Quantiles forecast from some rows: float64 (rows, horizons, levels), log returns."""

    name: str
    returns: np.ndarray

    @classmethod
    def by(cls, forecaster: Forecaster, panel: Panel, rows: np.ndarray) -> "QuantileForecasts":
        """A fitted forecaster's quantiles."""
        return cls(forecaster.name, forecaster.returns(panel, rows))


@dataclass(frozen=True)
class Actuals:
    """Actual returns after rows of a panel: the same for every forecaster.

    `actual` and `naive` are float64 (rows, horizons): log total returns, and the naive errors of
    the history up to each row.
    """

    panel: Panel
    rows: np.ndarray
    actual: np.ndarray
    naive: np.ndarray

    @classmethod
    def of(cls, panel: Panel, rows: np.ndarray) -> "Actuals":
        """The actuals of these rows; NaN where they are not known yet."""
        return cls(panel, rows, panel.actual(rows, HORIZONS), naive_errors(panel, rows))

    def at(self, origins: pd.DatetimeIndex) -> "Actuals":
        """Those of the rows that are among these sessions."""
        wanted = origins.to_numpy().astype(self.panel.session.dtype)
        of = np.isin(self.panel.session[self.rows], wanted)
        return Actuals(self.panel, self.rows[of], self.actual[of], self.naive[of])

    def score(self, forecasts: QuantileForecasts, baseline: QuantileForecasts) -> pd.DataFrame:
        """One row per (row, horizon) with an actual and both forecasts, see `backtests`."""
        known = np.isfinite(self.actual) & np.isfinite(forecasts.returns).all(-1)
        known &= np.isfinite(baseline.returns).all(-1)
        row, column = np.nonzero(known)
        at = self.rows[row]
        actual, quantiles, against = (
            self.actual[known],
            forecasts.returns[known],
            baseline.returns[known],
        )
        median = quantiles[:, _MEDIAN]
        names = pd.Series(self.panel.tickers, dtype="str").take(self.panel.code[at])
        scores = {
            "ticker": names.reset_index(drop=True),
            "as_of": self.panel.session[at],
            "horizon": column + 1,
            "target_session": self.panel.session[at + column + 1],
            "actual": actual,
            "median": median,
            "scaled_error": scaled_error(actual, median, self.naive[known]),
            **quantile_scores(actual, quantiles, against),
        }
        for role, name in (("model", forecasts.name), ("baseline", baseline.name)):
            scores[role] = pd.Series(name, index=range(len(actual)), dtype="str")
        return pd.DataFrame(scores)


def scored(panel: Panel, rows: np.ndarray, model: Forecaster, baseline: Forecaster) -> pd.DataFrame:
    """Score two fitted forecasters from these rows of a panel, in the columns of `backtests`.

    Horizons whose actual is not known yet, and origins where either lacks history, are left out.
    """
    forecasts = (QuantileForecasts.by(one, panel, rows) for one in (model, baseline))
    return Actuals.of(panel, rows).score(*forecasts)
