"""Forecasters by name, and their way through plain arrays and back."""

import io

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError
from core.models import NAMES, create, restore
from tests.support.bars import walks


@pytest.mark.parametrize("name", NAMES)
def test_restored_forecaster_predicts_the_same_bytes(name: str) -> None:
    bars = walks(3, 500)
    fitted = create(name).fit(bars)
    file = io.BytesIO()
    np.savez(file, **fitted.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as stored:
        again = restore(name, fitted.params(), {key: stored[key] for key in stored.files})
    pd.testing.assert_frame_equal(again.predict(bars), fitted.predict(bars), check_exact=True)


def test_unknown_forecaster_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no forecaster prophet; known are har"):
        create("prophet")


@pytest.mark.parametrize("params", [{"depth": 3}, {"penalty": 0.0}])
def test_unknown_or_impossible_parameters_are_refused(params: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError):
        create("har", **params)


def test_unfitted_har_does_not_predict() -> None:
    with pytest.raises(InvalidInputError, match="not fitted"):
        create("har").predict(walks(1, 300))


@pytest.mark.parametrize("name", ["coefficients", "pooled", "own", "tickers"])
def test_restoring_from_a_missing_array_is_refused(name: str) -> None:
    arrays = create("har").fit(walks(2, 400)).to_arrays()
    arrays.pop(name)
    with pytest.raises(InvalidInputError, match="no usable"):
        restore("har", {}, arrays)
