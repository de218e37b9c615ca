"""A series that contradicts what is stored: another company's, or another kind of price."""

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault

MOVED = np.log(1.02)  # a close moved by more is no rounding and no late trade
_MIN_MOVED, _MIN_SHARE = 3, 1 / 3
_COMMON = (
    0.01  # ratios that differ by less, in logarithms, are one: other units, not contradictions
)


def contradiction(stored: pd.DataFrame, rows: pd.DataFrame) -> CheckFinding | None:
    """One finding for all fetched rows that came with other prices, if they are too many.

    Parameters
    ----------
    stored : what is stored of a ticker and may be read, raw, by session.
    rows : its fetched rows, raw, by session; the positions of the finding refer to them.

    Returns
    -------
    None where at most a third of the sessions in both, or fewer than three, moved by over 2 %,
    or all that did moved by one ratio: these are corrections, or other units.
    """
    place = pd.Index(stored["session"]).get_indexer(rows["session"])
    both = np.flatnonzero(place >= 0)
    ours = rows["close"].to_numpy(float)
    theirs = np.append(stored["close"].to_numpy(float), np.nan)[place]  # -1 is the NaN
    with np.errstate(divide="ignore", invalid="ignore"):  # fetched prices may be anything
        ratio = np.log(ours[both] / theirs[both])
    moved = np.isfinite(ratio) & (np.abs(ratio) > MOVED)
    if moved.sum() < _MIN_MOVED or moved.sum() <= _MIN_SHARE * len(both):
        return None
    if np.ptp(ratio[moved]) <= _COMMON:
        return None
    at = both[moved]
    message = Message(
        "bar.contradicts",
        "Of {both:,} sessions that are stored already {moved:,} came with other prices, and not by "
        "one ratio: {after:.6g} on {session}, where {before:.6g} is stored. Is it another company, "
        "or another kind of price? Nothing of it was stored; once released, it counts when it "
        "comes again.",
        {
            "both": len(both),
            "moved": len(at),
            "session": rows["session"].iloc[at[0]].date(),
            "after": float(ours[at[0]]),
            "before": float(theirs[at[0]]),
        },
    )
    return CheckFinding(Fault.CONTRADICTION, at, message)
