"""The normal equations against scikit-learn."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from core.models.ridge import ridge


def test_ridge_equals_scikit_learn() -> None:
    source = np.random.default_rng(2)
    inputs = source.normal(size=(300, 6)) * [1, 10, 0.1, 1, 1, 1] + [0, 5, 0, 0, 0, 3]
    targets = inputs @ source.normal(size=(6, 4)) + source.normal(size=(300, 4))
    coefficients, intercepts = ridge(inputs, targets, 10.0)
    scaler = StandardScaler().fit(inputs)
    model = Ridge(alpha=10.0).fit(scaler.transform(inputs), targets)
    expected = model.predict(scaler.transform(inputs))
    np.testing.assert_allclose(inputs @ coefficients + intercepts, expected, rtol=1e-9)


def test_constant_and_repeated_features_do_no_harm() -> None:
    source = np.random.default_rng(3)
    one = source.normal(size=(50, 1))
    inputs = np.hstack([one, one, np.full((50, 1), 4.0)])
    coefficients, intercepts = ridge(inputs, one, 1e-6)
    np.testing.assert_allclose(inputs @ coefficients + intercepts, one, atol=1e-6)
