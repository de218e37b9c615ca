"""Forecasters that are trees: what the tree models share."""

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from core.features.panel import Panel
from core.features.spec import HAR
from core.foundation.errors import InvalidInputError
from core.models.base import Forecaster, Location
from core.models.blocked_cv import blocked_folds, subsample
from core.models.har import Har
from core.models.premium import as_array, placed, premium, stored_premium
from core.models.random_walk import quantiles_of_sorted
from core.models.targets import learnable
from core.models.tree_arrays import Trees
from core.reference.schema import HORIZONS, LEVELS

KNOTS = (1, 5, 20)
_BLOCKS = 5
_MAX_ROWS = 50_000
# Between two knots a horizon is as far along as its logarithm; beyond them there is none.
_SHARES = np.array([np.interp(np.log(HORIZONS), np.log(KNOTS), one) for one in np.eye(len(KNOTS))])


class Ensemble(Forecaster):
    """Trees on the features of `har`, and quantiles of what they left over out of sample.

    Trees fit their own rows too well to say how far off they are elsewhere. So time is cut into
    blocks; the trees of each are grown without it and tell what is left over in it; all of them
    together forecast. The quantiles are pooled over tickers.

    Parameters
    ----------
    window : newest sessions of each ticker that are learned from; of more than 50,000 rows an
        even part is.
    seed : of the draws.
    """

    min_observations: ClassVar[int] = HAR.warm_up + 1
    min_fit_observations: ClassVar[int] = Har.min_fit_observations

    def __init__(self, window: int = 2000, seed: int = 1) -> None:
        if not (window > 0 and 0 <= seed < 2**31):
            raise InvalidInputError(
                "trees.bad-parameters",
                "window must be above zero, and seed from 0 to below 2**31.",
                parameter="params",
            )
        self.window = int(window)
        self.seed = int(seed)
        self._trees: Trees | None = None
        self._residual_quantiles = np.zeros((0, 0))
        self._premium = np.zeros(0)

    @abstractmethod
    def _targets(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        """What the trees predict at the horizons of `KNOTS`, (rows, knots)."""

    @abstractmethod
    def _grow(self, inputs: np.ndarray, targets: np.ndarray, seed: int) -> Trees:
        """Trees from inputs (rows, features) and targets (rows, knots)."""

    @abstractmethod
    def _placed(
        self, panel: Panel, rows: np.ndarray, predicted: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Centre and reach of the distribution in log return, from predictions (rows, horizons).

        The distribution is the centre plus the reach times the quantiles of the residuals.
        """

    def _inputs(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        inputs: np.ndarray = panel.features[rows]
        return inputs

    def params(self) -> dict[str, float | int | str]:
        """The numbers of the constructor."""
        return {"window": self.window, "seed": self.seed}

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The trees, and the pooled quantiles of their residuals as `law`."""
        if self._trees is None:
            return {}
        found = {**self._trees.to_arrays(), "law": self._residual_quantiles.copy()}
        return {**found, "premium": self._premium.copy()} if len(self._premium) else found

    def load_arrays(self, arrays: dict[str, np.ndarray]) -> Self:
        """Take over a state that `to_arrays` gave.

        Raises
        ------
        InvalidInputError : an array is missing, not finite or of another shape than expected.
        """
        trees = Trees.of_arrays(arrays, len(HAR.names), len(KNOTS))
        distribution = np.array(arrays.get("law", 0.0))
        shape = (len(HORIZONS), len(LEVELS))
        if (
            distribution.shape != shape
            or distribution.dtype != np.float64
            or not np.isfinite(distribution).all()
        ):
            raise InvalidInputError(
                "trees.unusable-distribution",
                "The stored {name} model has no usable residual quantiles.",
                {"name": self.name},
                parameter="law",
            )
        self._trees, self._residual_quantiles = trees, distribution
        if self.location is Location.PREMIUM:
            self._premium = stored_premium(arrays, self.name)
        return self

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        """Learn from rows whose targets at all horizons are known by `until`."""
        every = learnable(panel, until, self.min_fit_observations, self.window)
        used = subsample(every, _MAX_ROWS)
        inputs, targets = self._inputs(panel, used), self._targets(panel, used)
        predicted = np.empty((len(used), len(KNOTS)))
        grown = []
        for number, (inside, outside) in enumerate(blocked_folds(panel, used, _BLOCKS)):
            trees = self._grow(inputs[outside], targets[outside], self.seed + number)
            predicted[inside] = trees.predict(inputs[inside])
            grown.append(trees)
        centre, reach = self._placed(panel, used, _between(predicted))
        residuals = (panel.actual(used, HORIZONS) - centre) / reach
        self._residual_quantiles = quantiles_of_sorted(np.sort(residuals.T, axis=-1))
        self._trees = Trees.average(grown)
        if self.location is Location.PREMIUM:
            self._premium = as_array(premium(panel, every))
        return self

    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        """Quantiles as `Forecaster.quantiles` states."""
        if self._trees is None:
            raise InvalidInputError(
                "forecaster.not-fitted",
                "This {name} forecaster is not fitted yet.",
                {"name": self.name},
                parameter="model",
            )
        predicted = _between(self._trees.predict(self._inputs(panel, rows)))
        centre, reach = self._placed(panel, rows, predicted)
        found: np.ndarray = centre[:, :, None] + reach[:, :, None] * self._residual_quantiles
        if self.location is Location.PREMIUM:
            found = placed(found, float(self._premium[0]))
        found[panel.age[rows] < self.min_observations] = np.nan
        return found


def _between(knots: np.ndarray) -> np.ndarray:
    """Values at `KNOTS`, (rows, knots), as values at every horizon, (rows, horizons)."""
    # A sum in fixed order, for a matrix product may round otherwise for another number of rows.
    found = np.zeros((len(knots), len(HORIZONS)))
    for knot, shares in enumerate(_SHARES):
        found += knots[:, knot, None] * shares
    return found
