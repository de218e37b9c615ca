"""Ridge regression by its normal equations."""

import numpy as np


def ridge(
    inputs: np.ndarray, beside: np.ndarray, targets: np.ndarray, penalty: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least squares with a penalty on the squared coefficients of standardised inputs.

    Parameters
    ----------
    inputs : float64 (rows, features), finite; the same for every output.
    beside : float64 (rows, outputs), finite: one more input of each output alone.
    targets : float64 (rows, outputs), finite.
    penalty : added to each diagonal entry of the standardised cross product; above zero.

    Returns
    -------
    coefficients (features, outputs), those of the inputs beside (outputs,), and intercepts
    (outputs,), in the units of the inputs.

    Notes
    -----
    What scikit-learn's StandardScaler and Ridge(alpha=penalty) compute for each output, to
    rounding. Written out because the cross product is one pass for all horizons and importing
    scikit-learn costs more than a whole first visit's backtest.
    """
    shared, centre, spread = _standardised(inputs)
    own, own_centre, own_spread = _standardised(beside)
    level = targets.mean(axis=0)
    gap = targets - level
    count, outputs = inputs.shape[1], targets.shape[1]
    cross = np.empty((outputs, count + 1, count + 1))
    cross[:, :count, :count] = shared.T @ shared
    cross[:, :count, count] = cross[:, count, :count] = (shared.T @ own).T
    cross[:, count, count] = (own * own).sum(axis=0)
    cross[:, np.arange(count + 1), np.arange(count + 1)] += penalty
    right = np.vstack([shared.T @ gap, (own * gap).sum(axis=0)])
    solved = np.linalg.solve(cross, right.T[:, :, None])[:, :, 0].T
    coefficients, alone = solved[:count] / spread[:, None], solved[count] / own_spread
    return coefficients, alone, level - centre @ coefficients - own_centre * alone


def _standardised(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The inputs at mean 0 and deviation 1, and what they had; a constant one becomes 0."""
    centre = inputs.mean(axis=0)
    spread = inputs.std(axis=0)
    spread = np.where(spread > 1e-12 * (1.0 + np.abs(centre)), spread, 1.0)
    return (inputs - centre) / spread, centre, spread
