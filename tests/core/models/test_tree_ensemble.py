"""The tree models: what they find and what they do not; only a fit needs scikit-learn."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from core.features.panel import Panel
from core.foundation.errors import InvalidInputError
from core.models import create, restore
from core.reference.schema import HORIZONS, LEVELS
from tests.house.tree import ROOT
from tests.support.bars import frame, walk, walks

BOTH = ["random_forest", "gradient_boosting"]
_MEDIAN = LEVELS.index(0.50)


def test_nothing_but_a_fit_imports_scikit_learn() -> None:
    code = (
        "import sys, core.models, core.forecasts.make\n"
        "core.models.create('random_forest')\n"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_forest_finds_planted_momentum() -> None:
    source = np.random.default_rng(3)
    shocks = source.standard_normal(3000) * 0.01
    returns = np.zeros(3000)
    for at in range(1, 3000):
        returns[at] = 0.6 * returns[at - 1] + shocks[at]
    dates = pd.bdate_range(end="2024-06-28", periods=3000)
    bars = frame("A", dates, 100.0 * np.exp(np.cumsum(returns)))
    panel = Panel.of(bars)
    rows = np.arange(2500, 2980)
    fitted = create("random_forest").fit(bars, until=dates[2480])
    medians = fitted.returns(panel, rows, horizons=[1])[:, 0, _MEDIAN]
    assert np.corrcoef(medians, returns[rows])[0, 1] > 0.7
    assert np.corrcoef(medians, panel.actual(rows, [1])[:, 0])[0, 1] > 0.3


def test_boosting_widens_with_a_change_of_volatility() -> None:
    volatility = np.tile(np.repeat([0.01, 0.03], 100), 6)
    bars = walk("A", 1200, 2, volatility=volatility)
    fitted = create("gradient_boosting").fit(bars)
    found = fitted.returns(Panel.of(bars), np.array([1090, 1190]), horizons=[5])
    calm, wild = found[:, 0, 5] - found[:, 0, 1]
    assert wild > 1.5 * calm


@pytest.mark.parametrize("name", BOTH)
def test_bands_hold_what_they_promise_on_sessions_never_seen(name: str) -> None:
    bars = walks(4, 1400, seed=8)
    panel = Panel.of(bars)
    dates = np.unique(panel.session)
    rows = np.flatnonzero(panel.session > dates[900])
    distribution = create(name).fit(bars, until=pd.Timestamp(dates[880])).returns(panel, rows)
    actual = panel.actual(rows, HORIZONS)
    for horizon, slack in ((1, 0.04), (5, 0.06), (20, 0.12)):
        known = np.isfinite(actual[:, horizon - 1])
        low, high = distribution[known, horizon - 1, 1], distribution[known, horizon - 1, 5]
        realised = actual[known, horizon - 1]
        assert abs(((low <= realised) & (realised <= high)).mean() - 0.80) < slack


@pytest.mark.parametrize("name", BOTH)
def test_another_seed_or_window_is_another_forecaster(name: str) -> None:
    bars = walks(2, 500)
    fitted = create(name, window=1500, seed=4)
    assert fitted.params() == {"window": 1500, "seed": 4}
    for params in ({"window": 0}, {"seed": -1}, {"seed": 2**31}, {"trees": 3}):
        with pytest.raises(InvalidInputError):
            create(name, **params)
    one, other = (create(name, window=window).fit(bars) for window in (100, 2000))
    assert (one.to_arrays()["law"] != other.to_arrays()["law"]).any()


def test_a_seed_draws_other_trees() -> None:
    bars = walks(2, 500)
    one, other = (create("random_forest", seed=seed).fit(bars).to_arrays() for seed in (1, 50))
    assert one["law"].tobytes() != other["law"].tobytes()


@pytest.mark.parametrize("name", BOTH)
def test_what_is_not_fitted_or_not_stored_whole_does_not_predict(name: str) -> None:
    bars = walks(2, 400)
    with pytest.raises(InvalidInputError, match=f"This {name} forecaster is not fitted yet"):
        create(name).predict(bars)
    assert create(name).to_arrays() == {}
    arrays = create(name).fit(bars).to_arrays()
    for damaged in (
        {**arrays, "law": arrays["law"][1:]},
        {**arrays, "law": arrays["law"] * np.nan},
    ):
        with pytest.raises(
            InvalidInputError, match=f"{name} model has no usable residual quantiles"
        ):
            restore(name, {}, damaged)
    for key in arrays.keys() - {"premium"}:  # which models of before do not have
        with pytest.raises(InvalidInputError, match="no"):
            restore(name, {}, {k: v for k, v in arrays.items() if k != key})
