"""Trees as plain arrays against scikit-learn's own predictions."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

from core.foundation.errors import InvalidInputError
from core.models.tree_arrays import Trees

SOURCE = np.random.default_rng(7)
INPUTS = SOURCE.normal(size=(600, 5)).astype(np.float32)
TARGETS = np.column_stack([INPUTS[:, 0] * INPUTS[:, 1], np.sin(3 * INPUTS[:, 2])])
TARGETS += SOURCE.normal(size=TARGETS.shape)
NEW = SOURCE.normal(size=(400, 5)).astype(np.float32)
FOREST = RandomForestRegressor(9, max_depth=6, random_state=3).fit(INPUTS, TARGETS)
BOOSTED = [
    HistGradientBoostingRegressor(max_iter=20, random_state=3).fit(INPUTS, TARGETS[:, column])
    for column in (0, 1)
]


def test_a_forest_is_scikit_learn_s() -> None:
    found = Trees.of_forest(FOREST).predict(NEW)
    np.testing.assert_allclose(found, FOREST.predict(NEW), rtol=1e-12, atol=1e-14)
    assert found.std() > 0.3


def test_boosted_trees_are_scikit_learn_s() -> None:
    found = Trees.of_boosting(BOOSTED).predict(NEW)
    wanted = np.column_stack([one.predict(NEW) for one in BOOSTED])
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    assert found.std() > 0.3


def test_one_split_is_at_or_below_its_threshold() -> None:
    trees = Trees(
        *(np.array(one) for one in ([0], [1, -1, -1], [2, -1, -1], [1, -1, -1])),
        threshold=np.array([0.5, 0.0, 0.0]),
        value=np.array([[0.0], [1.0], [2.0]]),
        base=np.array([10.0]),
    )
    found = trees.predict(np.array([[9.0, 0.5], [9.0, 0.5000001], [9.0, np.nan]]))
    assert found.tolist() == [[11.0], [12.0], [12.0]]


def test_an_average_predicts_the_mean() -> None:
    several = [Trees.of_forest(FOREST), Trees.of_boosting(BOOSTED)]
    mean = np.mean([one.predict(NEW) for one in several], axis=0)
    np.testing.assert_allclose(Trees.average(several).predict(NEW), mean, rtol=1e-12, atol=1e-14)


def test_a_row_s_answer_does_not_depend_on_those_beside_it() -> None:
    trees = Trees.of_forest(FOREST)
    np.testing.assert_array_equal(trees.predict(NEW)[7:8], trees.predict(NEW[7:8]))


def test_arrays_give_the_same_trees_and_are_copies() -> None:
    trees = Trees.of_boosting(BOOSTED)
    arrays = trees.to_arrays()
    assert all(one.dtype in (np.int64, np.float64) for one in arrays.values())
    again = Trees.of_arrays(arrays, 5, 2)
    arrays["value"][:] = 0.0
    np.testing.assert_array_equal(again.predict(NEW), trees.predict(NEW))


def _backwards(arrays: dict[str, np.ndarray]) -> None:
    arrays["left"][np.flatnonzero(arrays["left"] >= 0)[-1]] = 0


def _outside(arrays: dict[str, np.ndarray]) -> None:
    arrays["right"][0] = len(arrays["right"])


def _half_a_leaf(arrays: dict[str, np.ndarray]) -> None:
    arrays["right"][0] = -1


def _unknown_feature(arrays: dict[str, np.ndarray]) -> None:
    arrays["feature"][0] = 5


def _no_root(arrays: dict[str, np.ndarray]) -> None:
    arrays["root"][-1] = -2


def _not_finite(arrays: dict[str, np.ndarray]) -> None:
    arrays["value"][0] = np.nan


def _shorter(arrays: dict[str, np.ndarray]) -> None:
    arrays["threshold"] = arrays["threshold"][:-1]


def _objects(arrays: dict[str, np.ndarray]) -> None:
    arrays["left"] = arrays["left"].astype(np.float64)


def _missing(arrays: dict[str, np.ndarray]) -> None:
    del arrays["base"]


@pytest.mark.parametrize(
    "damage",
    [
        *(_backwards, _outside, _half_a_leaf, _unknown_feature, _no_root),
        *(_not_finite, _shorter, _objects, _missing),
    ],
)
def test_arrays_that_are_no_trees_are_refused(
    damage: Callable[[dict[str, np.ndarray]], None],
) -> None:
    arrays = Trees.of_forest(FOREST).to_arrays()
    damage(arrays)
    with pytest.raises(InvalidInputError, match="stored trees"):
        Trees.of_arrays(arrays, 5, 2)
