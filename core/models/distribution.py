"""The predictive distribution: every probability shown comes from its quantiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.foundation.errors import InvalidInputError
from core.reference.schema import LEVELS


@dataclass(frozen=True)
class Distribution:
    """Log returns per horizon, from their quantiles.

    Between quantiles the return is linear in the log odds of the level; beyond the outer ones it
    keeps the slope of the two outermost, which is a logistic law with exponential tails.

    Parameters
    ----------
    returns : float64 (..., levels), log total returns, not decreasing along the last axis;
        the leading axes may be tickers, origins or horizons. NaN gives NaN.
    close : price at the origin, a number or an array over the leading axes.
    levels : nominal levels in (0, 1), at least two, rising.

    Raises
    ------
    InvalidInputError : levels outside (0, 1) or not rising, crossing quantiles, a close at or
        below zero.
    """

    returns: np.ndarray
    close: float | np.ndarray = 1.0
    levels: tuple[float, ...] = LEVELS

    def __post_init__(self) -> None:
        check_levels(self.levels)
        if len(self.levels) < 2 or self.returns.shape[-1] != len(self.levels):
            raise InvalidInputError(
                "distribution.lacks-returns",
                "A distribution needs one return per level.",
                parameter="returns",
            )
        if (np.diff(self.returns, axis=-1) < 0).any():
            raise InvalidInputError(
                "distribution.crossing",
                "The quantiles of a distribution cross.",
                parameter="returns",
            )
        if not (np.asarray(self.close) > 0).all():
            raise InvalidInputError(
                "distribution.bad-close", "The close must be above zero.", parameter="close"
            )

    def quantile(self, level: float | Sequence[float]) -> np.ndarray:
        """Log return at a level, (...); at several levels, (..., levels)."""
        wanted = np.atleast_1d(np.asarray(level, dtype=np.float64))
        check_levels(np.sort(wanted).tolist(), strictly=False)
        odds = _log_odds(np.asarray(self.levels))
        left = np.clip(np.searchsorted(odds, _log_odds(wanted), side="right") - 1, 0, None)
        left = np.minimum(left, len(odds) - 2)
        share = (_log_odds(wanted) - odds[left]) / (odds[left + 1] - odds[left])
        low, high = self.returns[..., left], self.returns[..., left + 1]
        # Each form is exact at its end, so a stated quantile comes back, and none crosses it.
        below = np.minimum(low + share * (high - low), high)
        values: np.ndarray = np.where(share < 1.0, below, high + (share - 1.0) * (high - low))
        return values if np.ndim(level) else values[..., 0]

    def mean(self) -> np.ndarray:
        """Mean log return over the leading axes, tails included."""
        total = np.zeros(self.returns.shape[:-1])
        # A sum in fixed order, as a product of matrices may round by how many rows there are.
        for column, weight in enumerate(_mean_weights(self.levels)):
            total += weight * self.returns[..., column]
        return total

    def price(self, level: float | Sequence[float]) -> np.ndarray:
        """Price at a level in units of the close, always above zero."""
        grown = np.exp(self.quantile(level))
        close = np.asarray(self.close)
        scale = close[..., None] if np.ndim(level) and close.ndim else close
        prices: np.ndarray = scale * grown
        return prices

    def cdf(self, log_return: float | np.ndarray) -> np.ndarray:
        """Probability of a log return at or below the given one, over the leading axes."""
        at = np.broadcast_to(np.asarray(log_return, dtype=np.float64), self.returns.shape[:-1])
        odds = _log_odds(np.asarray(self.levels))
        left = (self.returns <= at[..., None]).sum(axis=-1) - 1
        left = np.clip(left, 0, len(odds) - 2)
        low = np.take_along_axis(self.returns, left[..., None], axis=-1)[..., 0]
        high = np.take_along_axis(self.returns, left[..., None] + 1, axis=-1)[..., 0]
        rise = odds[left + 1] - odds[left]
        # Where the two outermost are equal there is no tail: the mass ends in a jump.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            inside = odds[left] + rise * (at - low) / (high - low)
        position = np.where(high > low, inside, np.where(at < low, -np.inf, np.inf))
        with np.errstate(over="ignore"):
            probability = 1.0 / (1.0 + np.exp(-position))
        return np.where(np.isnan(self.returns).any(axis=-1), np.nan, probability)

    def probability_up(self) -> np.ndarray:
        """Probability of a return above zero, over the leading axes."""
        return 1.0 - self.cdf(0.0)

    def probability_above(self, price: float) -> np.ndarray:
        """Probability of a price above the given one, in units of the close.

        Raises
        ------
        InvalidInputError : the price is not above zero.
        """
        if not price > 0:
            raise InvalidInputError(
                "distribution.bad-price", "The price must be above zero.", parameter="price"
            )
        return 1.0 - self.cdf(np.log(price / np.asarray(self.close)))

    def probability_beyond(self, share: float) -> np.ndarray:
        """Probability of a price more than a share of the close away from it, either way.

        Raises
        ------
        InvalidInputError : the share is not above zero and below one.
        """
        if not 0.0 < share < 1.0:
            raise InvalidInputError(
                "distribution.bad-share", "The share must lie between 0 and 1.", parameter="share"
            )
        beyond: np.ndarray = self.cdf(np.log1p(-share)) + (1.0 - self.cdf(np.log1p(share)))
        return beyond


def check_levels(levels: Sequence[float], strictly: bool = True) -> None:
    """Refuse levels outside (0, 1), and (if `strictly`) repeated or falling ones.

    Raises
    ------
    InvalidInputError : naming the parameter `quantiles`.
    """
    values = np.asarray(levels, dtype=np.float64)
    if not len(values) or not ((values > 0) & (values < 1)).all():
        raise InvalidInputError(
            "quantiles.out-of-range",
            "Quantiles must lie between 0 and 1, both excluded.",
            parameter="quantiles",
        )
    if strictly and (np.diff(values) <= 0).any():
        raise InvalidInputError(
            "quantiles.not-rising", "Quantiles must rise, each stated once.", parameter="quantiles"
        )


@cache
def _mean_weights(levels: tuple[float, ...]) -> np.ndarray:
    """What each quantile counts in the mean, (levels,): the integral of `quantile` over levels."""
    edges, odds = np.array([0.0, *levels[1:-1], 1.0]), _log_odds(np.array(levels))
    inner = edges[1:-1]
    # The integral of the log odds from zero; the outermost pairs reach to zero and one.
    area = np.diff([0.0, *(inner * np.log(inner) + (1.0 - inner) * np.log1p(-inner)), 0.0])
    width = np.diff(edges)
    upper = (area - odds[:-1] * width) / np.diff(odds)
    weights = np.zeros(len(levels))
    weights[1:] += upper
    weights[:-1] += width - upper
    return weights


def _log_odds(levels: np.ndarray) -> np.ndarray:
    odds: np.ndarray = np.log(levels) - np.log1p(-levels)
    return odds
