"""Ridge regression by its normal equations."""

import numpy as np


def ridge(inputs: np.ndarray, targets: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Least squares with a penalty on the squared coefficients of standardised inputs.

    Parameters
    ----------
    inputs : float64 (rows, features), finite.
    targets : float64 (rows, outputs), finite.
    penalty : added to each diagonal entry of the standardised cross product; above zero.

    Returns
    -------
    coefficients (features, outputs) and intercepts (outputs,), in the units of the inputs.

    Notes
    -----
    What scikit-learn's StandardScaler and Ridge(alpha=penalty) compute, to rounding. Written out
    because the cross product is one pass for all horizons and importing scikit-learn costs more
    than a whole first visit's backtest.
    """
    centre = inputs.mean(axis=0)
    spread = inputs.std(axis=0)
    spread = np.where(spread > 1e-12 * (1.0 + np.abs(centre)), spread, 1.0)
    scaled = (inputs - centre) / spread
    level = targets.mean(axis=0)
    cross = scaled.T @ scaled
    cross[np.diag_indices_from(cross)] += penalty
    coefficients = np.linalg.solve(cross, scaled.T @ (targets - level)) / spread[:, None]
    return coefficients, level - centre @ coefficients
