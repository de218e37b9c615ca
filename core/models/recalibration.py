"""Intervals made wider or narrower by past scores, so that coverage heals after a change."""

import numpy as np
import pandas as pd

from core.models.distribution import Distribution
from core.reference.schema import HORIZONS, INTERVALS, LEVELS

_GAIN = 0.05  # log width per session for each share of misses too many, at horizon 1
_DECAY_PER_SESSION = 0.995  # of what a session taught, a session later
_CHANCE_LOG_WIDTH = 0.10  # log width; what chance alone adds up to, of which nothing is taken over
_MAX_LOG_WIDTH = 0.7  # log width; a factor of two either way
LEARNED_FROM = ("horizon", "target_session", *(f"inside_{share}" for share in INTERVALS))
_SESSIONS_A_DAY = 5.0 / 7.0
_MEDIAN = LEVELS.index(0.50)


def recalibrate(distribution: Distribution, past_scores: pd.DataFrame) -> Distribution:
    """The same distribution with its spread around the median scaled, horizon by horizon.

    Parameters
    ----------
    distribution : at `LEVELS`; returns (..., horizons, levels), horizons 1, 2, ....
    past_scores : forecasts as they were issued, whose targets were known when this one is made:
        columns `horizon`, `target_session`, and at least one of `inside_50`, `inside_80` and
        `inside_90` (1.0, 0.0, NaN is left out). Live these are rows of the ledger, in a backtest
        the rows scored by then, so that the two never differ. Without rows nothing changes.

    Returns
    -------
    A new distribution of the same close and levels.

    Notes
    -----
    Adaptive conformal inference (Gibbs and Candes 2021) on the logarithm of the width: each
    session with more misses than promised widens, each with fewer narrows. All tickers of a
    session count as one, for they err together; longer horizons repeat the same sessions and
    learn more slowly, by the root of the horizon. What was learned fades within half a year.
    Where nothing is wrong chance alone moves the factor, which costs skill: so the first tenth of
    it, either way, changes nothing.
    """
    return widened(distribution, log_factors(past_scores))


def widened(distribution: Distribution, factors: np.ndarray) -> Distribution:
    """`recalibrate` by factors that are known, as `log_factors` gives them."""
    factors = np.exp(factors[: distribution.returns.shape[-2]])
    median = distribution.returns[..., _MEDIAN, None]
    returns = median + (distribution.returns - median) * factors[:, None]
    return Distribution(returns, distribution.close, distribution.levels)


def log_factors(past_scores: pd.DataFrame) -> np.ndarray:
    """By how much each horizon's bands are to be widened, (horizons,), in log; 0.0 if unknown."""
    found = np.zeros(len(HORIZONS))
    names = [f"inside_{share}" for share in INTERVALS if f"inside_{share}" in past_scores]
    if not names or past_scores.empty:
        return found
    promised = np.array([int(name[-2:]) / 100.0 for name in names])
    missed = (promised - past_scores[names]).mean(axis=1).reset_index(drop=True)
    keys = [past_scores[name].to_numpy() for name in ("horizon", "target_session")]
    by_session = missed.groupby(keys).mean().dropna()
    newest = past_scores["target_session"].max()
    for horizon in np.unique(by_session.index.get_level_values(0)):
        rows = by_session.loc[[horizon]]
        sessions = pd.DatetimeIndex(rows.index.get_level_values(1))
        age = (newest - sessions).days.to_numpy() * _SESSIONS_A_DAY
        # Forecasts made every few sessions speak for the sessions in between, up to a month.
        apart = np.clip(-np.diff(age, prepend=age[0] + 1.0), 1.0, len(HORIZONS))
        learned = (rows.to_numpy() * apart * _DECAY_PER_SESSION**age).sum()
        factor = _GAIN / np.sqrt(horizon) * learned
        beyond = np.sign(factor) * max(abs(factor) - _CHANCE_LOG_WIDTH, 0.0)
        found[int(horizon) - 1] = np.clip(beyond, -_MAX_LOG_WIDTH, _MAX_LOG_WIDTH)
    return found
