"""Prices that hold already the dividends and splits listed beside them, turned back to traded ones.

Vendors list events beside prices that are adjusted for them; adjusted again, every return before
would be wrong. What prices do on ex dates tells: as traded they fall by the event, adjusted not.
"""

import numpy as np
import pandas as pd

from core.foundation.errors import SchemaError
from core.foundation.messages import Message
from core.market_data.sources.undo_splits import undo_splits
from core.reference.schema import PRICE_COLUMNS

_CLEAR = 6.0  # of a split: this many ordinary moves
_MIN_MOVE = 0.005
_SURE = 6.0  # log of how much likelier the one reading is: 400 to 1
_SURE_THOUGH_QUOTED = 40.0
_MIN_SESSIONS = 20  # by which the ordinary move is known
_LONG_DECIMALS = 4  # more of them than any exchange quotes
_MOSTLY, _HARDLY = 0.8, 0.2
_CENT = 1e-6
_MOST_DECIMALS, _VOLUME_DECIMALS = 8, 6


def as_traded(file: str, bars: pd.DataFrame, adjusted: bool) -> tuple[pd.DataFrame, list[Message]]:
    """One ticker's rows as they were traded, and what was done for it, a sentence each.

    Parameters
    ----------
    bars : the `bars` contract in columns and types, of one ticker, in any order.
    adjusted : a person says that the prices are adjusted for the dividends listed.

    Raises
    ------
    SchemaError : the prices are adjusted for the dividends listed, and nobody said so.
    """
    rows = bars.sort_values("session", kind="stable")
    split, notes = _without_splits(rows)
    paid = split["dividend"].to_numpy() > 0
    if not paid[1:].any():
        return split, notes
    fell, error = _fall(split)
    if adjusted and (fell - 0.5) / error**2 > _SURE:
        raise SchemaError(
            "csv.not-adjusted",
            "{file}: the prices of {ticker} fell by the {count} dividends listed, so they are not "
            "adjusted for them; leave --adjusted out.",
            {"file": file, "ticker": rows["ticker"].iloc[0], "count": int(paid[1:].sum())},
            parameter="adjusted",
        )
    doubt = _doubt(rows["close"].to_numpy(float), int(np.flatnonzero(paid)[-1]))
    if not adjusted and fell < 0.5 and (0.5 - fell) / error**2 > doubt:
        raise SchemaError(
            "csv.adjusted-twice",
            "{file}: the prices of {ticker} did not fall by the {count} dividends listed, so they "
            "are adjusted for them already; give those as traded, or say --adjusted.",
            {"file": file, "ticker": rows["ticker"].iloc[0], "count": int(paid[1:].sum())},
            parameter="adjusted",
        )
    if not adjusted:
        return split, notes
    message = Message(
        "csv.dividends-undone",
        "The prices were adjusted for {count} dividends and were turned back to those traded.",
        {"count": int(paid.sum())},
    )
    return _without_dividends(split), [*notes, message]


def without_factors(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a file this program gave with adjusted prices, as they are stored.

    Parameters
    ----------
    rows : prices, `volume`, and `adj_factor` and `split_factor` as `adjust` of
        `core.reference.adjustments` gives them.
    """
    factor, splits = rows["adj_factor"].to_numpy(float), rows["split_factor"].to_numpy(float)
    prices = {name: _quotient(rows[name].to_numpy(float), factor) for name in PRICE_COLUMNS}
    volume = np.round(rows["volume"].to_numpy(float) * splits, _VOLUME_DECIMALS)
    return rows.assign(**prices, volume=volume)


def _quotient(adjusted: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """The plainest price that times its factor is the adjusted one, to the bit."""
    found: np.ndarray = adjusted / factor
    for decimals in reversed(range(_MOST_DECIMALS + 1)):
        plain = np.round(found, decimals)
        found = np.where(plain * factor == adjusted, plain, found)
    return found


def _without_splits(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Message]]:
    ratio, close = rows["split_ratio"].to_numpy(float), rows["close"].ffill().to_numpy(float)
    listed = [at for at in np.flatnonzero((ratio != 1) & (ratio > 0)).tolist() if at > 0]
    if not listed:
        return rows, []
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = np.diff(np.log(np.where(close > 0, close, np.nan)), prepend=np.nan)
    ordinary = max(_spread(moves), _MIN_MOVE)
    clear = [at for at in listed if abs(np.log(ratio[at])) > _CLEAR * ordinary]
    applied = [at for at in clear if abs(moves[at]) < abs(moves[at] + np.log(ratio[at]))]
    if not applied:
        return rows, []
    if len(applied) == len(clear):
        applied = listed  # small ones as the large ones
    only = np.ones(len(rows))
    only[applied] = ratio[applied]
    undone = undo_splits(rows.assign(split_ratio=only)).assign(split_ratio=ratio)
    days = [str(rows["session"].iloc[at].date()) for at in applied]
    message = Message(
        "csv.splits-undone",
        "The prices before {days} were in units after the split; they were turned back to those "
        "traded.",
        {"days": days},
    )
    return undone, [message]


def _fall(rows: pd.DataFrame) -> tuple[float, float]:
    """How far prices fell on ex dates, as a share of the dividends, and its standard error.

    It is about 1 as traded and 0 adjusted; where nothing can be compared both are 0.5 and infinite.
    """
    close = rows["close"].ffill().to_numpy(float)
    dividend, ratio = rows["dividend"].to_numpy(float), rows["split_ratio"].to_numpy(float)
    before = np.r_[np.nan, close[:-1]]
    with np.errstate(invalid="ignore", divide="ignore"):
        moves, share = close * ratio / before - 1.0, dividend * ratio / before
    at = np.flatnonzero((dividend > 0) & np.isfinite(moves) & np.isfinite(share))
    size = float((share[at] ** 2).sum())
    if not size > 0 or len(rows) < _MIN_SESSIONS:
        return 0.5, np.inf
    fell = -float((share[at] * moves[at]).sum()) / size
    return fell, max(_spread(moves), _MIN_MOVE) / float(np.sqrt(size))


def _doubt(close: np.ndarray, last: int) -> float:
    """What prices must say more than chance would before they are believed to be adjusted.

    Nothing where they have decimals that nobody quotes before the last ex date and none since;
    much where they are quoted prices all along.
    """
    long = np.abs(close - np.round(close, _LONG_DECIMALS)) > 1e-9 * np.abs(close)
    if not long[:last].mean() > _MOSTLY:
        return _SURE_THOUGH_QUOTED
    return 0.0 if long[last:].mean() < _HARDLY else _SURE


def _without_dividends(rows: pd.DataFrame) -> pd.DataFrame:
    """Both ways of adjusting undone, Yahoo's and CRSP's; the one that leaves plain prices."""
    found = [_divided(rows, by_close_before) for by_close_before in (True, False)]
    away = [
        np.nanmean(np.abs(one["close"] - one["close"].round(2)) / one["close"]) for one in found
    ]
    best = found[int(np.argmin(away))]
    if min(away) < _CENT:
        best = best.assign(**{name: best[name].round(2) for name in PRICE_COLUMNS})
    return best


def _divided(rows: pd.DataFrame, by_close_before: bool) -> pd.DataFrame:
    close, dividend = rows["close"].ffill().to_numpy(float), rows["dividend"].to_numpy(float)
    ratio = rows["split_ratio"].to_numpy(float)
    factor = np.ones(len(rows))
    for at in np.flatnonzero(dividend > 0)[::-1].tolist():
        if at == 0:
            continue
        paid = dividend[at] * factor[at]
        if by_close_before:
            step = 1.0 / (1.0 + paid * ratio[at] / close[at - 1])
        else:
            step = close[at] / (close[at] + paid)
        factor[:at] *= step
    return rows.assign(**{name: rows[name] / factor for name in PRICE_COLUMNS})


def _spread(moves: np.ndarray) -> float:
    """The ordinary move of a session, whatever the few large ones are."""
    known = moves[np.isfinite(moves)]
    return 1.4826 * float(np.median(np.abs(known - np.median(known)))) if len(known) else np.nan
