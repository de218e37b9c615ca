"""Prices as they were traded, from a vendor's that are adjusted for later splits."""

import numpy as np
import pandas as pd

from core.reference.schema import PRICE_COLUMNS

# Yahoo rounds a split-adjusted price to 6 decimals and stores it in 32 bits: every one of 3,807
# recorded closes of TSLA and NVDA is exactly such a number. So much of a price is unknown.
_HALF_DECIMAL = 0.55e-6
_HALF_FLOAT = 2.0**-23
_MAX_RELATIVE_ERROR = 1e-4
# Prices are traded in cents; in the United States until 2001 in fractions down to 1/64.
_GRIDS = (100, 64)
_DIGITS = range(4, 8)


def undo_splits(bars: pd.DataFrame) -> pd.DataFrame:
    """Undo the adjustment for splits: what was paid on the session itself.

    Parameters
    ----------
    bars : one ticker's sessions in order, with `session`, the four prices, `volume`, `dividend`
        and `split_ratio` (1.0 where nothing happened); all but the ratios in units of today.
        Every split from the first session to today must be in it, also one whose session has
        no price yet.

    Returns
    -------
    A new frame. Prices and dividends are multiplied, volume is divided, by the product of the
    ratios of all LATER sessions: a split counts on the session it goes ex, whose own price is
    already a new one. NaN stays NaN.

    Notes
    -----
    Many prices round to the vendor's number. The simplest of them is taken: one in whole cents,
    else in 64ths, else the one with the fewest significant digits from 4 to 7. The exact product is
    not used: after a later split the vendor rounds again, and the whole history would look
    corrected. Prices with more digits than 32 bits hold may still change in the seventh digit.
    """
    raw = bars.copy()
    factor = later_splits(bars["split_ratio"].to_numpy(float))
    for name in (*PRICE_COLUMNS, "dividend"):
        raw[name] = _plainest(bars[name].to_numpy(float), factor)
    raw["volume"] = np.round(bars["volume"].to_numpy(float) / factor)
    return raw


def later_splits(ratios: np.ndarray) -> np.ndarray:
    """For each row, the product of the ratios on later rows; 1.0 on the last."""
    after: np.ndarray = np.append(np.cumprod(ratios[::-1])[::-1], 1.0)[1:]
    return after


def _plainest(adjusted: np.ndarray, factor: np.ndarray) -> np.ndarray:
    product = adjusted * factor
    size = np.abs(product)
    rounded = np.where(factor == 1.0, 0.0, _HALF_DECIMAL * factor)
    unknown = np.minimum(np.maximum(_HALF_FLOAT * size, rounded), _MAX_RELATIVE_ERROR * size)
    guesses = [np.round(product * parts) / parts for parts in _GRIDS]
    guesses += [_significant(product, digits) for digits in _DIGITS]
    found: np.ndarray = guesses[-1]
    for guess in reversed(guesses[:-1]):
        found = np.where(np.abs(guess - product) <= unknown, guess, found)
    return found


def _significant(values: np.ndarray, digits: int) -> np.ndarray:
    nonzero = np.isfinite(values) & (values != 0)
    exponent = np.floor(np.log10(np.abs(np.where(nonzero, values, 1.0))))
    scale = 10.0 ** (digits - 1 - exponent)
    shown: np.ndarray = np.where(nonzero, np.round(values * scale) / scale, values)
    return shown
