"""Writes crps.csv and diebold_mariano.csv beside it, with libraries that are not ours.

In an environment of its own, for the project does not need them:
python -m venv other && other/bin/pip install scoringrules==0.10.0 statsmodels==0.15.0
other/bin/python tests/core/evaluation/metrics/other_answers.py
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scoringrules
import statsmodels.api as sm
from scipy.stats import t as student

LEVELS = np.array([0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95])
ODDS = np.log(LEVELS / (1 - LEVELS))
HERE = Path(__file__).parent


def quantile(returns: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Linear in the log odds, the outer slopes kept; `numpy.interp` inside."""
    at = np.log(level / (1 - level))
    found = np.interp(at, ODDS, returns)
    left, right = at < ODDS[0], at > ODDS[-1]
    slope = np.diff(returns) / np.diff(ODDS)
    found[left] = returns[0] + slope[0] * (at[left] - ODDS[0])
    found[right] = returns[-1] + slope[-1] * (at[right] - ODDS[-1])
    return found


def crps_rows() -> Iterator[list[object]]:
    """A logistic law by its closed form, others as twice the mean pinball on a fine grid."""
    for centre, scale in ((0.0, 0.02), (0.01, 0.005), (-0.3, 0.1)):
        for away in (-9.0, -2.5, -0.4, 0.0, 1.3, 6.0):
            actual = centre + away * scale
            response = scoringrules.crps_logistic(actual, centre, scale)
            yield ["logistic", *(centre + scale * ODDS), actual, response]
    count = 2_000_000
    grid = (np.arange(count) + 0.5) / count
    source = np.random.default_rng(20240601)
    distributions = [np.sort(source.normal(0, 0.03, 7)) for _ in range(4)]
    distributions += [np.array([-0.1, -0.02, 0.0, 0.0, 0.0, 0.05, 0.2]), np.zeros(7)]
    distributions += [np.array([-0.02, -0.02, -0.01, 0.0, 0.03, 0.03, 0.03])]
    for distribution in distributions:
        dense = quantile(distribution, grid)
        for actual in (-0.25, -0.03, 0.0, 0.011, 0.3):
            yield ["pieces", *distribution, actual, scoringrules.crps_quantile(actual, dense, grid)]


def diebold_mariano_rows() -> Iterator[list[object]]:
    """Newey and West's variance from statsmodels, then the correction and law of Harvey et al."""
    source = np.random.default_rng(7)
    for number, (count, overlap, lag, shift) in enumerate(
        [(40, 1, 0, 0.0), (40, 1, 3, 0.2), (100, 5, 8, 0.3), (125, 5, 12, -0.5), (160, 20, 38, 0.1)]
    ):
        noise = source.normal(0, 1, count + overlap - 1)
        gap = np.convolve(noise, np.ones(overlap), mode="valid") / overlap + shift
        loss = source.uniform(1, 2, count)
        other = loss + gap
        fit = sm.OLS(other - loss, np.ones(count)).fit(
            cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False}
        )
        plain = float(fit.tvalues[0])
        factor = (count + 1 - 2 * overlap + overlap * (overlap - 1) / count) / count
        statistic = plain * factor**0.5
        p = 2 * student.sf(abs(statistic), count - 1)
        for at in range(count):
            yield [number, overlap, lag, loss[at], other[at], statistic, p]


def write(name: str, head: list[str], rows: Iterator[list[object]]) -> None:
    """One CSV, numbers to the last bit."""
    with (HERE / name).open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(head)
        for row in rows:
            out.writerow([repr(float(x)) if isinstance(x, float) else x for x in row])


if __name__ == "__main__":
    levels = [f"q{100 * level:02.0f}" for level in LEVELS]
    write("crps.csv", ["law", *levels, "actual", "crps"], crps_rows())
    head = ["case", "overlap", "lag", "loss", "rival", "statistic", "p"]
    write("diebold_mariano.csv", head, diebold_mariano_rows())
