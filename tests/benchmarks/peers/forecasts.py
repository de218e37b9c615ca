"""Forecasts of other libraries, as quantiles of log return: run in the peers' environment.

`python -m tests.benchmarks.peers.forecasts question.npz answer.npz METHOD`; the question holds
`first` (rows at which tickers start, and the number of rows), `log_close` and the number of the
session in `date` (rows,), and `rows`, those to forecast from; the answer `returns`
(len(rows), 20, 7) and `seconds`, those of one process.
"""

import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

HORIZONS = 20
LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
_PROCESSES = 2
_BOOSTING = {
    "objective": "quantile",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 200,
    "num_threads": _PROCESSES,
    "seed": 1,
    "verbose": -1,
}


def garch(past: np.ndarray) -> np.ndarray:
    """GARCH(1,1) with Student's t by `arch`, 2,000 simulated paths; past as log closes."""
    from arch import arch_model

    model = arch_model(100.0 * np.diff(past[-2001:]), mean="Constant", dist="t", rescale=False)
    fitted = model.fit(disp="off", show_warning=False)
    drawn = fitted.forecast(
        horizon=HORIZONS,
        method="simulation",
        simulations=2000,
        reindex=False,
        random_state=np.random.RandomState(1),
    )
    paths = np.cumsum(drawn.simulations.values[0], axis=1) / 100.0
    return np.quantile(paths, LEVELS, axis=0).T


def ets(past: np.ndarray) -> np.ndarray:
    """`statsforecast`'s AutoETS on the last 500 log closes."""
    from statsforecast.models import AutoETS

    return _by_intervals(AutoETS(season_length=1), past)


def theta(past: np.ndarray) -> np.ndarray:
    """`statsforecast`'s AutoTheta on the last 500 log closes."""
    from statsforecast.models import AutoTheta

    return _by_intervals(AutoTheta(season_length=1), past)


def boosted(
    first: np.ndarray, log_close: np.ndarray, date: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """LightGBM's quantile loss, pooled over tickers, refitted every 240 sessions.

    It sees ten lagged returns, and mean absolute ones of 5, 20 and 60 sessions, over the mean
    absolute return of 250, and the horizon, and foretells the return in units of that mean times
    the root of the horizon; 40,000 examples of the 2,000 sessions before each fit.
    """
    import lightgbm

    step = np.diff(log_close, prepend=log_close[0])
    step[first[:-1]] = 0.0
    code = np.repeat(np.arange(len(first) - 1), np.diff(first))
    position = np.arange(len(log_close)) - first[code]
    average = np.maximum(_mean_size(step, 250), 1e-6)
    seen = [np.roll(step, lag) / average for lag in range(10)]
    seen += [_mean_size(step, window) / average for window in (5, 20, 60)]
    inputs = np.column_stack(seen)
    found = np.full((len(rows), HORIZONS, len(LEVELS)), np.nan)
    source = np.random.default_rng(1)
    asked_at = date[rows]
    for since in range(int(asked_at.min()), int(asked_at.max()) + 1, 240):
        mine = (asked_at >= since) & (asked_at < since + 240)
        # Learned from what was known a longest horizon before the first of these.
        known = (position >= 260) & (date >= since - 2000) & (date < since - 2 * HORIZONS)
        if not mine.any() or not known.any():
            continue
        at = source.choice(np.flatnonzero(known), 40_000)
        ahead = source.integers(1, HORIZONS + 1, len(at))
        reach = average[at] * np.sqrt(ahead)
        target = (log_close[at + ahead] - log_close[at]) / reach
        requested = np.repeat(rows[mine], HORIZONS)
        further = np.tile(np.arange(1, HORIZONS + 1), int(mine.sum()))
        for column, level in enumerate(LEVELS):
            data = lightgbm.Dataset(np.column_stack([inputs[at], ahead]), target)
            model = lightgbm.train(_BOOSTING | {"alpha": level}, data, num_boost_round=100)
            predicted = model.predict(np.column_stack([inputs[requested], further]))
            predicted *= average[requested] * np.sqrt(further)
            found[mine, :, column] = predicted.reshape(-1, HORIZONS)
    return np.sort(found, axis=-1)


def _by_intervals(model: object, past: np.ndarray) -> np.ndarray:
    fitted = model.fit(past[-500:])
    predicted = fitted.predict(h=HORIZONS, level=[50, 80, 90])
    sides = ("lo-90", "lo-80", "lo-50", "mean", "hi-50", "hi-80", "hi-90")
    return np.stack([predicted[side] for side in sides], axis=-1) - past[-1]


def _mean_size(step: np.ndarray, window: int) -> np.ndarray:
    total = np.cumsum(np.abs(step))
    total[window:] -= total[:-window].copy()
    return total / window


def _each(method: str, pasts: list[np.ndarray]) -> tuple[np.ndarray, float]:
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    one = {"garch": garch, "ets": ets, "theta": theta}[method]
    found = np.stack([one(past) for past in pasts])
    return found, time.perf_counter() - started


def main() -> None:
    """Answer one question."""
    question, response, method = sys.argv[1:4]
    with np.load(question) as given:
        first, log_close, rows = given["first"], given["log_close"], given["rows"]
        date = given["date"]
    if method == "lightgbm":
        started = time.perf_counter()
        returns = boosted(first, log_close, date, rows)
        seconds = _PROCESSES * (time.perf_counter() - started)
    else:
        start = first[np.searchsorted(first, rows, side="right") - 1]
        pasts = [log_close[a : row + 1] for a, row in zip(start, rows)]
        with ProcessPoolExecutor(_PROCESSES) as pool:
            shares = [pasts[at::_PROCESSES] for at in range(_PROCESSES)]
            parts = list(pool.map(partial(_each, method), [part for part in shares if part]))
        returns = np.empty((len(rows), HORIZONS, len(LEVELS)))
        for at, (found, _) in enumerate(parts):
            returns[at::_PROCESSES] = found
        seconds = sum(took for _, took in parts)
    np.savez(response, returns=returns, seconds=seconds)


if __name__ == "__main__":
    main()
