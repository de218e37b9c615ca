"""Fetched rows of one ticker in order, and among the stored ones around them."""

import numpy as np
import pandas as pd

from core.market_data.lake.holds import HOLD
from core.market_data.records.quarantine_entries import VALUES
from core.reference.bar_holds import Hold

# Sessions on either side by which the fetched ones are checked: a year, and room to look around.
_CONTEXT = 300
_EDGE = 90  # of them too near to an end to tell a step
SOUND = (Hold.NONE, Hold.STEP)  # of a bar that is read as it is


def in_order(fetched: pd.DataFrame) -> pd.DataFrame:
    """By session, and each bar once; a session that came with two different ones keeps both.

    A dividend of NaN is 0.0 from here on, and a column `unknown_action` says that it is not known.
    """
    rows = fetched.sort_values("session", kind="stable")
    rows = rows[~rows.duplicated(["session", *VALUES])].reset_index(drop=True)
    unknown = rows["dividend"].isna()
    return rows.assign(dividend=rows["dividend"].fillna(0.0), unknown_action=unknown)


def beside(stored: pd.DataFrame, rows: pd.DataFrame, whole: bool) -> pd.DataFrame:
    """The fetched rows among the stored ones around them.

    Columns more: `fetched`; `trusted`, for those accepted before with these values; `sound`, for
    fetched ones where another bar may be read so far; `held`, as it is stored, or usable;
    `evaluable`, but for those at an end at which the stored ones go on.
    """
    place = pd.Index(stored["session"]).get_indexer(rows["session"])
    known = place >= 0
    alike = known.copy()
    for name in VALUES:
        ours, theirs = rows[name].to_numpy(float), stored[name].to_numpy(float)[place[known]]
        alike[known] &= (ours[known] == theirs) | (np.isnan(ours[known]) & np.isnan(theirs))
    before = np.full(len(rows), Hold.NONE, object)
    before[known] = stored[HOLD].to_numpy(object)[place[known]]
    readable = known & np.isin(before, SOUND)
    fresh = rows.assign(
        fetched=True,
        trusted=readable & alike,
        sound=readable & ~alike,
        held=np.where(alike, before, Hold.NONE),
    )
    around = stored[~stored["session"].isin(rows["session"])]
    cut = (False, False)
    if not whole:
        at = around["session"].searchsorted(rows["session"].iloc[[0, -1]])
        cut = at[0] > _CONTEXT, at[1] + _CONTEXT < len(around)
        around = around.iloc[max(0, at[0] - _CONTEXT) : at[1] + _CONTEXT]
    context = around.assign(
        fetched=False,
        trusted=around[HOLD].isin(SOUND) & (not whole),
        sound=False,
        unknown_action=False,
    )
    frame = pd.concat([context, fresh]) if len(context) else fresh
    row = np.arange(len(frame))
    evaluable = (row >= cut[0] * _EDGE) & (row < len(frame) - cut[1] * _EDGE)
    return frame.sort_values("session", kind="stable", ignore_index=True).assign(
        evaluable=evaluable
    )
