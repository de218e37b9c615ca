"""Skill: how much less a forecaster loses than the baseline, and how sure that is."""

from contextlib import suppress
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from core.errors import NotEnoughHistoryError
from core.schema import MAX_HORIZON

_LEAST_BLOCKS = 4
KEY = ["ticker", "as_of", "horizon"]
_RESAMPLES = 1000
SEED = 20240601


@dataclass(frozen=True)
class Band:
    """A share of loss saved, and its 90 % band."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Skill:
    """1 - loss / loss of the baseline, over all scores of a backtest.

    Parameters
    ----------
    value : the skill; 0.04 is four percent less pinball loss, below zero is worse.
    low, high : its 90 % band, from a block bootstrap over dates.
    n : scored (ticker, as_of) pairs; each holds up to 20 horizons.
    baseline : the forecaster it is measured against.
    window : first and last as_of, "YYYY-MM-DD..YYYY-MM-DD".
    coverage : realised share inside the 80 % interval, over all horizons.
    against_constant : the same against `constant_width`, the forecaster without foresight;
        None if it was not run.
    """

    value: float
    low: float
    high: float
    n: int
    baseline: str
    window: str
    coverage: float
    against_constant: Band | None = None

    @property
    def verdict(self) -> str:
        """One of "shown", "worse" and "not shown", from the bands as printed to 0.1 %.

        On a random walk a longer memory alone beats the baseline, so a claim needs both bands.
        """
        lows = [self.low]
        if self.against_constant is not None:
            lows.append(self.against_constant.low)
        if round(min(lows), 3) > 0:
            return "shown"
        return "worse" if round(self.high, 3) < 0 else "not shown"


def skill(scores: pd.DataFrame, constant: pd.DataFrame | None = None) -> Skill:
    """Skill over all rows of a `backtest`.

    Parameters
    ----------
    scores : of the forecaster to judge.
    constant : of `constant_width` from the same bars and origins, if it is to be judged too.

    Notes
    -----
    The loss is the mean pinball loss, so a volatile ticker weighs more. Dates are drawn in
    circular blocks that span at least twice the longest horizon, for forecasts from near dates
    share their targets; all tickers of a date stay together. The draw is seeded. The band is
    widened as Student's law asks for that few blocks.

    Raises
    ------
    NotEnoughHistoryError : the dates do not hold four blocks, so no band can be stated.
    """
    found = saved(scores)
    first, last = scores["as_of"].min(), scores["as_of"].max()
    return Skill(
        value=found.value,
        low=found.low,
        high=found.high,
        n=int((~scores.duplicated(["ticker", "as_of"])).sum()),
        baseline=str(scores["baseline"].iloc[0]),
        window=f"{first:%Y-%m-%d}..{last:%Y-%m-%d}",
        coverage=float(scores["inside_80"].mean()),
        against_constant=None if constant is None else saved(_facing(scores, constant)),
    )


def skill_by_ticker(scores: pd.DataFrame, constant: pd.DataFrame | None = None) -> dict[str, Skill]:
    """`skill` of each ticker's own rows, in alphabetical order.

    A ticker with too few origins to state a band is left out.
    """
    found = {}
    for ticker, rows in scores.groupby("ticker", sort=True):
        with suppress(NotEnoughHistoryError):
            found[str(ticker)] = skill(rows, constant)
    return found


def _facing(scores: pd.DataFrame, constant: pd.DataFrame) -> pd.DataFrame:
    """The same scores with the other forecaster's loss as the baseline's."""
    rival = constant[[*KEY, "pinball"]].rename(columns={"pinball": "baseline_pinball"})
    return scores.drop(columns="baseline_pinball").merge(rival, on=KEY, validate="one_to_one")


def saved(scores: pd.DataFrame, tail: float = 0.05, least_blocks: float = _LEAST_BLOCKS) -> Band:
    """The share of `baseline_pinball` that `pinball` saves, with its band.

    Parameters
    ----------
    scores : `as_of`, `pinball` and `baseline_pinball`, a row each forecast.
    tail : share of chance on either side of the band.
    least_blocks : blocks of two longest horizons that the dates have to hold.

    Raises
    ------
    NotEnoughHistoryError : the dates do not hold so many blocks, so no band can be stated.
    """
    dates = scores.groupby("as_of", sort=True)[["pinball", "baseline_pinball"]].sum()
    losses = dates.to_numpy()
    block = _block(pd.DatetimeIndex(dates.index))
    needed = max(int(np.ceil(least_blocks * block)), 2)
    if len(losses) < needed:
        raise NotEnoughHistoryError(
            f"A skill needs at least {needed} origins at this spacing, has {len(losses)}.",
            "scores",
        )
    value = _ratio(*losses.sum(axis=0))
    return Band(value, *_band(losses, block, value, tail))


def _ratio(model: float, rival: float) -> float:
    # A price that never moved: both are exactly right, and nobody has skill.
    return float(1.0 - model / rival) if rival > 0 else 0.0


def _block(dates: pd.DatetimeIndex) -> int:
    """Dates that cover two longest horizons; five sessions are seven calendar days."""
    if len(dates) < 2:
        return 1
    days = np.diff(dates.to_numpy()) / np.timedelta64(1, "D")
    # The mean, which counts weekends; of a long gap, which no block is to bridge, only a part.
    step = float(np.minimum(days, 3.0 * np.median(days)).mean()) * 5.0 / 7.0
    return max(int(np.ceil(2 * MAX_HORIZON / step)), 1)


def _band(losses: np.ndarray, block: int, value: float, tail: float) -> tuple[float, float]:
    count = len(losses)
    source = np.random.default_rng(SEED)
    starts = source.integers(0, count, size=(_RESAMPLES, -(-count // block)))
    drawn = (starts[:, :, None] + np.arange(block)) % count
    totals = losses[drawn.reshape(_RESAMPLES, -1)[:, :count]].sum(axis=1)
    values = np.where(totals[:, 1] > 0, 1.0 - totals[:, 0] / np.maximum(totals[:, 1], 1e-300), 0.0)
    low, high = np.quantile(values, [tail, 1.0 - tail])
    # A bootstrap of few blocks is too sure: k of them have k - 1 degrees of freedom, and
    # Student's outer point is close to normal + (normal^3 + normal) / (4 * degrees).
    blocks, normal = count / block, NormalDist().inv_cdf(1.0 - tail)
    student = normal + (normal**3 + normal) / (4.0 * (blocks - 1.0))
    wider = student / normal * np.sqrt(blocks / (blocks - 1.0))
    return float(value - wider * (value - low)), float(value + wider * (high - value))
