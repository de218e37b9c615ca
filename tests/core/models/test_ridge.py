"""The normal equations against scikit-learn."""

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from core.models.ridge import ridge


def test_ridge_equals_scikit_learn_output_by_output() -> None:
    source = np.random.default_rng(2)
    inputs = source.normal(size=(300, 6)) * [1, 10, 0.1, 1, 1, 1] + [0, 5, 0, 0, 0, 3]
    beside = source.normal(size=(300, 4)) * 3 + 1 + inputs[:, :4]
    targets = inputs @ source.normal(size=(6, 4)) + beside + source.normal(size=(300, 4))
    coefficients, alone, intercepts = ridge(inputs, beside, targets, 10.0)
    found = inputs @ coefficients + beside * alone + intercepts
    for output in range(4):
        whole = np.column_stack([inputs, beside[:, output]])
        scaler = StandardScaler().fit(whole)
        model = Ridge(alpha=10.0).fit(scaler.transform(whole), targets[:, output])
        expected = model.predict(scaler.transform(whole))
        np.testing.assert_allclose(found[:, output], expected, rtol=1e-9)


def test_constant_and_repeated_features_do_no_harm() -> None:
    source = np.random.default_rng(3)
    one = source.normal(size=(50, 1))
    inputs = np.hstack([one, one, np.full((50, 1), 4.0)])
    coefficients, alone, intercepts = ridge(inputs, np.zeros((50, 1)), one, 1e-6)
    assert alone[0] == 0.0
    np.testing.assert_allclose(inputs @ coefficients + intercepts, one, atol=1e-6)
