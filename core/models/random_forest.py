"""The usual course project, done honestly: a random forest on returns."""

from typing import ClassVar

import numpy as np

from core.features.kernels import MIN_VARIANCE
from core.features.panel import Panel
from core.models.base import Location
from core.models.return_moments import recent_moments
from core.models.tree_arrays import Trees
from core.models.tree_ensemble import KNOTS, Ensemble
from core.reference.schema import HORIZONS

_DEVIATION_WINDOW = 500
_TREES_A_BLOCK = 20
_DEPTH = 6
_MIN_ROWS_A_LEAF = 100
_ROWS_A_TREE = 10_000


class RandomForest(Ensemble):
    """The middle of the coming return from trees; its width from the last 500 sessions alone.

    The trees predict the h-session log return over the deviation of the ticker's last 500
    one-session returns times the root of h. Where they foresee nothing, `random_walk_gauss` with
    another shape is what remains.

    Notes
    -----
    Breiman (2001), Random forests. One forest with an output for each of 1, 5 and 20 sessions;
    leaves are large, for nearly all of a return is noise.
    """

    name: ClassVar[str] = "random_forest"
    location: ClassVar[Location] = Location.PREDICTED

    def _inputs(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        # scikit-learn rounds inputs so before it looks for a split.
        inputs: np.ndarray = panel.features[rows].astype(np.float32)
        return inputs

    def _targets(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        reach = self._reach(panel, rows)[:, np.array(KNOTS) - 1]
        targets: np.ndarray = panel.actual(rows, KNOTS) / reach
        return targets

    def _grow(self, inputs: np.ndarray, targets: np.ndarray, seed: int) -> Trees:
        # Imported here: it costs seconds, which every other command would pay too.
        from sklearn.ensemble import RandomForestRegressor

        forest = RandomForestRegressor(
            n_estimators=_TREES_A_BLOCK,
            max_depth=_DEPTH,
            min_samples_leaf=_MIN_ROWS_A_LEAF,
            max_features=1.0 / 3.0,
            max_samples=min(_ROWS_A_TREE, len(inputs)),
            random_state=seed,
            n_jobs=-1,  # each tree has a seed of its own: any number of cores grows the same
        )
        return Trees.of_forest(forest.fit(inputs, targets))

    def _placed(
        self, panel: Panel, rows: np.ndarray, predicted: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        reach = self._reach(panel, rows)
        return predicted * reach, reach

    def _reach(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        age = panel.age[rows]
        _, deviation = recent_moments(panel.log_close, rows, age, _DEVIATION_WINDOW)
        floored = np.maximum(deviation, np.sqrt(MIN_VARIANCE))
        reach: np.ndarray = floored[:, None] * np.sqrt(np.array(HORIZONS))
        return reach
