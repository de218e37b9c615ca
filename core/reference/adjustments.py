"""Raw prices to adjusted ones, from the dividends and splits known in the frame itself."""

from itertools import pairwise

import numpy as np
import pandas as pd

from core.reference.schema import PRICE_COLUMNS


def adjust(bars: pd.DataFrame) -> pd.DataFrame:
    """Scale every price to the units of the ticker's last row.

    Parameters
    ----------
    bars : the `bars` contract, sorted by (ticker, session). A frame that is already adjusted
        comes back unchanged, so either kind may be handed on.

    Returns
    -------
    A new frame with open, high, low, close and volume adjusted and two columns more:
    `adj_factor` (adjusted price / raw price, from dividends and splits) and `split_factor`
    (raw volume / adjusted volume, from splits alone). Both are 1.0 on a ticker's last row.
    Dividends and split ratios stay as announced. NaN prices stay NaN.

    Notes
    -----
    Rows before an ex date are multiplied by close / (close + dividend) / split, with the close of
    the ex date: a payout buys shares at that close. The ratio of two adjusted closes is then the
    total return exactly as CRSP defines it, (close * split + dividend * split) / previous close.
    Yahoo divides by the close before instead, which differs by the payout times that return.
    """
    if "adj_factor" in bars.columns:
        return bars.copy(deep=False)
    adjusted = bars.copy(deep=False)  # columns are replaced, never written into
    adjusted["adj_factor"], adjusted["split_factor"] = adjustment_factors(bars)
    for name in PRICE_COLUMNS:
        adjusted[name] = adjusted[name] * adjusted["adj_factor"]
    adjusted["volume"] = adjusted["volume"] / adjusted["split_factor"]
    return adjusted


def adjustment_factors(bars: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """`adj_factor` and `split_factor` of raw bars, float64 (rows,) each; see `adjust`."""
    close = bars["close"].to_numpy()
    split = bars["split_ratio"].to_numpy()
    starts = np.ones(len(bars), dtype=bool)
    ticker = pd.factorize(bars["ticker"])[0]
    starts[1:] = ticker[1:] != ticker[:-1]
    share_after_dividend = close / (close + bars["dividend"].to_numpy())
    return _later_product(share_after_dividend / split, starts), _later_product(1.0 / split, starts)


def _later_product(steps: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """For each row, the product of the steps on later rows of the same ticker."""
    product = np.ones(len(steps))
    for first, after in _runs(starts):
        product[first : after - 1] = np.cumprod(steps[first + 1 : after][::-1])[::-1]
    return product


def _runs(starts: np.ndarray) -> list[tuple[int, int]]:
    firsts = np.flatnonzero(starts)
    bounds = [*firsts.tolist(), len(starts)]
    return list(pairwise(bounds))
