"""Boosted trees on log volatility: what `har` foretells, without its straight lines."""

from typing import ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from core.features.panel import Panel
from core.models.base import Location
from core.models.targets import log_volatility
from core.models.tree_arrays import Trees
from core.models.tree_ensemble import KNOTS, Ensemble
from core.reference.schema import HORIZONS

_ROUNDS = 60
_LEARNING_RATE = 0.1
_LEAVES = 15
_MIN_ROWS_A_LEAF = 100
_BINS = 63


class GradientBoosting(Ensemble):
    """The width of the coming h sessions from boosted trees, scaled by what they left over.

    The target is that of `har`: half the log of the mean daily variance of the next h sessions,
    here at 1, 5 and 20 sessions and in between along the logarithm of h.

    Notes
    -----
    Friedman (2001), Greedy function approximation: a gradient boosting machine; with histograms,
    as LightGBM and scikit-learn do. Squared error, no early stopping.
    """

    name: ClassVar[str] = "gradient_boosting"
    location: ClassVar[Location] = Location.PREMIUM

    def _targets(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        targets: np.ndarray = log_volatility(panel, rows)[:, np.array(KNOTS) - 1]
        return targets

    def _grow(self, inputs: np.ndarray, targets: np.ndarray, seed: int) -> Trees:
        # Imported here: it costs seconds, which every other command would pay too.
        from sklearn.ensemble import HistGradientBoostingRegressor

        # Sums over rows are shared out among threads: another number of them rounds otherwise.
        with threadpool_limits(limits=1, user_api="openmp"):
            models = [
                HistGradientBoostingRegressor(
                    learning_rate=_LEARNING_RATE,
                    max_iter=_ROUNDS,
                    max_leaf_nodes=_LEAVES,
                    min_samples_leaf=_MIN_ROWS_A_LEAF,
                    max_bins=_BINS,
                    early_stopping=False,
                    random_state=seed,
                ).fit(inputs, target)
                for target in targets.T
            ]
        return Trees.of_boosting(models)

    def _placed(
        self, panel: Panel, rows: np.ndarray, predicted: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        reach = np.exp(predicted) * np.sqrt(np.array(HORIZONS))
        return np.zeros_like(reach), reach
