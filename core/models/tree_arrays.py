"""Regression trees as plain arrays: what scikit-learn grew, without scikit-learn or a pickle."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from core.features.compiled import compiled
from core.foundation.errors import InvalidInputError

_LEAF = -1


@dataclass(frozen=True)
class Trees:
    """A sum of trees over a base; nodes of all trees lie behind each other.

    `root` is int64 (trees,), the node each tree starts at, rising from 0; `left`, `right` and
    `feature` int64 (nodes,): a row goes left where its feature is at or below `threshold`, a
    float64 (nodes,), else right; -1 for a leaf. `value` is float64 (nodes, outputs), what a leaf
    adds; `base` float64 (outputs,).
    """

    root: np.ndarray
    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    value: np.ndarray
    base: np.ndarray

    @classmethod
    def of_forest(cls, forest: Any) -> Self:
        """The trees of a fitted `RandomForestRegressor` with several outputs.

        scikit-learn reads inputs as float32, so hand `predict` such numbers.
        """
        grown = [one.tree_ for one in forest.estimators_]
        count = len(grown)
        parts = [
            _nodes(
                one.children_left,
                one.children_right,
                one.feature,
                one.threshold,
                one.value[:, :, 0] / count,
            )
            for one in grown
        ]
        return cls(*_behind_each_other(parts), np.zeros(parts[0][-1].shape[1]))

    @classmethod
    def of_boosting(cls, models: Sequence[Any]) -> Self:
        """The trees of fitted `HistGradientBoostingRegressor`s, one output each."""
        parts = []
        for column, model in enumerate(models):
            for (one,) in model._predictors:
                nodes = one.nodes
                leaf = nodes["is_leaf"] == 1
                value = np.zeros((len(nodes), len(models)))
                value[:, column] = nodes["value"]
                parts.append(
                    _nodes(
                        # Unsigned there, so that -1 would become a very large number.
                        np.where(leaf, _LEAF, nodes["left"].astype(np.int64)),
                        np.where(leaf, _LEAF, nodes["right"].astype(np.int64)),
                        nodes["feature_idx"],
                        nodes["num_threshold"],
                        value,
                    )
                )
        base = np.array([float(model._baseline_prediction.ravel()[0]) for model in models])
        return cls(*_behind_each_other(parts), base)

    @classmethod
    def average(cls, several: Sequence["Trees"]) -> Self:
        """One sum of trees that predicts the mean of what several predict."""
        count = len(several)
        parts = [(one.left, one.right, one.feature, one.threshold, one.value) for one in several]
        starts, *nodes = _behind_each_other([(*part[:4], part[4] / count) for part in parts])
        roots = np.concatenate(
            [one.root + start for one, start in zip(several, starts, strict=True)]
        )
        left, right, feature, threshold, value = nodes
        base = np.mean([one.base for one in several], axis=0)
        return cls(roots, left, right, feature, threshold, value, base)

    @classmethod
    def of_arrays(cls, arrays: dict[str, np.ndarray], features: int, outputs: int) -> Self:
        """Back from `to_arrays`.

        Raises
        ------
        InvalidInputError : an array is missing or does not describe trees over that many
            features and outputs; following them could then lead out of the arrays.
        """
        for one in fields(cls):
            if one.name not in arrays:
                raise InvalidInputError(
                    "trees.missing-array",
                    "The stored trees have no {name}.",
                    {"name": one.name},
                    parameter=one.name,
                )
        trees = cls(*(np.array(arrays[one.name]) for one in fields(cls)))
        if not trees._sound(features, outputs):
            raise InvalidInputError(
                "trees.unusable", "The stored trees are not usable.", parameter="trees"
            )
        return trees

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Every array by name, as copies."""
        return {one.name: getattr(self, one.name).copy() for one in fields(self)}

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """float64 (rows, outputs) for inputs (rows, features).

        A row's answer does not depend on the rows beside it; NaN goes right.
        """
        read = np.ascontiguousarray(inputs, dtype=np.float64)
        nodes = (self.left, self.right, self.feature, self.threshold, self.value)
        found: np.ndarray = _followed(self.root, nodes, self.base, read)
        return found

    def _sound(self, features: int, outputs: int) -> bool:
        nodes = len(self.left)
        whole = (self.root, self.left, self.right, self.feature)
        if not all(one.dtype == np.int64 and one.ndim == 1 for one in whole):
            return False
        shapes = self.threshold.shape == (nodes,) and self.value.shape == (nodes, outputs)
        if not shapes or self.base.shape != (outputs,) or len(self.right) != nodes:
            return False
        real = (self.threshold, self.value, self.base)
        if not all(one.dtype == np.float64 and bool(np.isfinite(one).all()) for one in real):
            return False
        if len(self.feature) != nodes or not ((0 <= self.root) & (self.root < nodes)).all():
            return False
        inner = self.left != _LEAF
        here = np.flatnonzero(inner)
        # Children lie behind their parent, so that every walk comes to an end.
        ahead = [(here < side[inner]) & (side[inner] < nodes) for side in (self.left, self.right)]
        read = (0 <= self.feature[inner]) & (self.feature[inner] < features)
        return bool(np.all(ahead) and read.all())


# Left, right, feature, threshold and value of some nodes.
_Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _nodes(
    left: np.ndarray,
    right: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    value: np.ndarray,
) -> _Part:
    leaf = left == _LEAF
    # What an inner node would have said is not kept: only leaves speak.
    return (
        np.where(leaf, _LEAF, left).astype(np.int64),
        np.where(leaf, _LEAF, right).astype(np.int64),
        np.where(leaf, _LEAF, feature).astype(np.int64),
        np.where(leaf, 0.0, threshold).astype(np.float64),
        np.where(leaf[:, None], value, 0.0).astype(np.float64),
    )


def _behind_each_other(
    parts: Sequence[_Part],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The start of each part, and the nodes of all of them with their children renumbered."""
    starts = np.cumsum([0, *(len(part[0]) for part in parts)])[:-1].astype(np.int64)
    left, right = (
        np.concatenate(
            [
                np.where(part[side] == _LEAF, _LEAF, part[side] + start)
                for part, start in zip(parts, starts, strict=True)
            ]
        )
        for side in (0, 1)
    )
    feature, threshold, value = (np.concatenate([part[k] for part in parts]) for k in (2, 3, 4))
    return starts, left, right, feature, threshold, value


@compiled()
def _followed(root: np.ndarray, nodes: _Part, base: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    left, right, feature, threshold, value = nodes
    found = np.empty((len(inputs), len(base)))
    for row in range(len(inputs)):
        for output in range(len(base)):
            found[row, output] = base[output]
        for tree in range(len(root)):
            node = root[tree]
            while left[node] >= 0:
                if inputs[row, feature[node]] <= threshold[node]:
                    node = left[node]
                else:
                    node = right[node]
            for output in range(len(base)):
                found[row, output] += value[node, output]
    return found
