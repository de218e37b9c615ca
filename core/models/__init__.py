"""Forecasters by name: `create` makes one, `restore` brings a fitted one back."""

import numpy as np

from core.foundation.errors import InvalidInputError
from core.models.base import Forecaster, Location
from core.models.gaussian import Drift, Ewma, RandomWalkGauss
from core.models.gradient_boosting import GradientBoosting
from core.models.har import ConstantWidth, Har
from core.models.random_forest import RandomForest
from core.models.random_walk import RandomWalk

_KINDS: tuple[type[Forecaster], ...] = (
    *(Har, GradientBoosting, RandomForest, Ewma),
    *(ConstantWidth, RandomWalk, RandomWalkGauss, Drift),
)
_FORECASTERS = {kind.name: kind for kind in _KINDS}
NAMES = tuple(_FORECASTERS)

__all__ = ["NAMES", "Forecaster", "Location", "create", "restore"]


def create(name: str, **params: float | int | str) -> Forecaster:
    """A forecaster that is not fitted yet.

    Parameters
    ----------
    name : one of `NAMES`.
    params : what its constructor takes.

    Raises
    ------
    InvalidInputError : no forecaster has that name, or it takes no such parameter.
    """
    if name not in _FORECASTERS:
        raise InvalidInputError(
            "forecaster.unknown",
            "There is no forecaster {name}; known are {known}.",
            {"name": name, "known": NAMES},
            parameter="name",
        )
    try:
        return _FORECASTERS[name](**params)
    except TypeError as error:
        raise InvalidInputError(
            "forecaster.bad-parameters",
            "{name} does not take these parameters: {reason}.",
            {"name": name, "reason": str(error)},
            parameter="params",
        ) from error


def restore(
    name: str, params: dict[str, float | int | str], arrays: dict[str, np.ndarray]
) -> Forecaster:
    """The forecaster that `params()` and `to_arrays()` were taken from, to the last bit.

    Raises
    ------
    InvalidInputError : the name, a parameter or an array does not fit this version.
    """
    return create(name, **params).load_arrays(arrays)
