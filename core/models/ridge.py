"""Ridge regression by its normal equations."""

import numpy as np

_BLOCK = 65_536  # rows at a time, so that no copy of a large panel is made


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
    centre, spread = _moments(inputs)
    own_centre, own_spread = _moments(beside)
    level = targets.mean(axis=0)
    count, outputs = inputs.shape[1], targets.shape[1]
    cross = np.zeros((outputs, count + 1, count + 1))
    right = np.zeros((count + 1, outputs))
    for start in range(0, len(inputs), _BLOCK):
        block = slice(start, start + _BLOCK)
        shared = (inputs[block] - centre) / spread
        own = (beside[block] - own_centre) / own_spread
        gap = targets[block] - level
        together = (shared.T @ own).T
        cross[:, :count, :count] += shared.T @ shared
        cross[:, :count, count] += together
        cross[:, count, :count] += together
        cross[:, count, count] += (own * own).sum(axis=0)
        right[:count] += shared.T @ gap
        right[count] += (own * gap).sum(axis=0)
    cross[:, np.arange(count + 1), np.arange(count + 1)] += penalty
    solved = np.linalg.solve(cross, right.T[:, :, None])[:, :, 0].T
    coefficients, alone = solved[:count] / spread[:, None], solved[count] / own_spread
    return coefficients, alone, level - centre @ coefficients - own_centre * alone


def _moments(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each column; a constant one, which tells nothing, deviates by 1."""
    centre = inputs.mean(axis=0)
    total = np.zeros(inputs.shape[1])
    for start in range(0, len(inputs), _BLOCK):
        total += ((inputs[start : start + _BLOCK] - centre) ** 2).sum(axis=0)
    spread = np.sqrt(total / len(inputs))
    return centre, np.where(spread > 1e-12 * (1.0 + np.abs(centre)), spread, 1.0)
