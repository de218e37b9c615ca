"""Holds: which part of a stored row may be read."""

import numpy as np
import pandas as pd

from core.foundation.errors import SchemaError
from core.reference.bar_holds import PRICES_READ, Hold
from core.reference.schema import (
    BAR_COLUMNS,
    check_actions,
    check_once,
    check_prices,
    in_order,
    typed_bars,
)

HOLD = "held"


def validate_holds(frame: pd.DataFrame, where: str = "bars") -> pd.DataFrame:
    """Check rows to be stored, of which some may be held back.

    Parameters
    ----------
    frame : the `bars` contract, and a column `held`: "" where the row may be read, "prices" where
        its prices may not, "actions" where its dividend and split may not, "all" where neither,
        "step" where nothing before it may be joined to it.
    where : how to name the frame in an error.

    Returns
    -------
    A new frame with `BAR_COLUMNS` and `held`, sorted by (ticker, session). What is held back need
    not keep the contract: such a close may be NaN, such a high below its low.

    Raises
    ------
    SchemaError : the first broken rule, with the column and the first row that breaks it.
    """
    holds = frame[HOLD]
    unknown = ~holds.isin(tuple(Hold))
    if unknown.any():
        shown = str(holds[unknown].iloc[0])[:40]
        raise SchemaError(
            "bars.bad-hold",
            '{where}: held has "{shown}"; it may be empty, prices, actions, all or step.',
            {"where": where, "shown": shown},
            parameter=HOLD,
        )
    bars = typed_bars(frame, where).assign(held=holds.astype("str"))
    check_once(bars, where)
    check_prices(bars[bars[HOLD].isin(PRICES_READ)], where)
    check_actions(bars[bars[HOLD].isin((Hold.NONE, Hold.PRICES, Hold.STEP))], where)
    return in_order(bars)


def readable(stored: pd.DataFrame) -> pd.DataFrame:
    """The rows that may be read, with the actions of the others on the next row that may.

    Parameters
    ----------
    stored : `BAR_COLUMNS` and `held`, sorted by (ticker, session), one row a session.

    Returns
    -------
    A new frame with `BAR_COLUMNS`. Where prices alone are held, the split and the dividend count
    on the ticker's next readable row, the dividend per share of that row; after the last one
    there is none, and they wait for it. Where actions are held, they read as none. Of a ticker with
    a step only what came since its last one is read: the newest stretch.
    """
    holds = stored[HOLD].to_numpy()
    bars = stored.drop(columns=HOLD)
    if not (holds != Hold.NONE).any():
        return bars.reset_index(drop=True)
    ticker = stored["ticker"].to_numpy()
    silent = (holds == Hold.ACTIONS) | (holds == Hold.ALL)
    dividend = np.where(silent, 0.0, stored["dividend"].to_numpy())
    split = np.where(silent, 1.0, stored["split_ratio"].to_numpy())
    skipped = (holds == Hold.PRICES) | (holds == Hold.ALL)
    last = len(stored) - 1
    for row in np.flatnonzero(skipped):
        after = row + 1
        if row < last and ticker[after] == ticker[row]:
            # One share of this row is worth as many of the next row as that row's split ratio.
            dividend[after] += dividend[row] / split[after]
            split[after] *= split[row]
    bars = bars.assign(dividend=dividend, split_ratio=split)
    skipped |= before_step(stored)
    read: pd.DataFrame = bars.loc[~skipped, list(BAR_COLUMNS)].reset_index(drop=True)
    return read


def before_step(stored: pd.DataFrame) -> np.ndarray:
    """Rows that a later step of their ticker cuts off: bool, one a row; as for `readable`."""
    steps = pd.Series((stored[HOLD] == Hold.STEP).to_numpy(int))
    later = steps[::-1].groupby(stored["ticker"].to_numpy()[::-1]).cumsum()[::-1]
    cut: np.ndarray = (later - steps > 0).to_numpy()
    return cut


def step_sessions(stored: pd.DataFrame) -> pd.Series:
    """The sessions on which a new stretch begins; `stored` as for `readable`, of one ticker."""
    return stored["session"][stored[HOLD] == Hold.STEP]


def stretch_since(stored: pd.DataFrame) -> pd.Timestamp | None:
    """The first session of the newest stretch of one ticker; None where there is no step."""
    steps = step_sessions(stored)
    return None if steps.empty else pd.Timestamp(steps.iloc[-1])
