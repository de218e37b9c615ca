"""What an exchange's own change of price bears witness of: close less change is the close before.

Where it compares a session with none before, the change says nothing, and is not zero.
"""

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault
from core.reference.bar_holds import Hold
from core.reference.sessions import Calendar

NO_COMPARISON, OTHER_CHANGE = "bar.no-comparison", "bar.change-disagrees"
_ROUNDED = 0.006  # prices and changes are given to the hundredth
_MIN_COMPARABLE, _MAX_SHARE = 5, 0.1  # sessions, and how many of them but for one may differ


def unknown_action_findings(bars: pd.DataFrame, unknown: np.ndarray) -> list[CheckFinding]:
    """A question a session; its prices are read, and its dividend and split count as none so far.

    Parameters
    ----------
    bars : one ticker's rows by session.
    unknown : bool, one a row: the exchange marks its change of price (X) as no comparison.
    """
    found = []
    for at in np.flatnonzero(unknown[1:]) + 1:  # before the first there is nothing to compare with
        message = Message(
            "bar.no-comparison",
            "The exchange compares {session} with no session before, as on an ex date or after a "
            "halt, and no dividend, split or reduction of capital is listed. What was it?",
            {"session": bars["session"].iloc[at].date()},
        )
        found.append(CheckFinding(Fault.STEP, np.array([at]), message, Hold.ACTIONS))
    return found


def change_findings(bars: pd.DataFrame, calendar: Calendar) -> list[CheckFinding]:
    """Sessions whose close, less the exchange's own change, is not the close of the session before.

    A close of 101 with a change of +2 says that the session before closed at 99. Nothing is joined
    across one that says otherwise: a price is wrong, or an action is not listed.

    Parameters
    ----------
    bars : one ticker's rows by session, with `as_traded`, `dividend`, `split_ratio` and `change`,
        NaN where the exchange compares with nothing or gave none.
    calendar : where sessions in between are missing, nothing can be compared.
    """
    close, change = bars["as_traded"].to_numpy(float), bars["change"].to_numpy(float)
    reference = close[1:] - change[1:]
    ordinary = (bars["dividend"] == 0.0) & (bars["split_ratio"] == 1.0)
    comparable = np.isfinite(reference) & np.isfinite(close[:-1]) & ordinary.to_numpy()[1:]
    apart = comparable & (np.abs(reference - close[:-1]) > _ROUNDED)
    if comparable.sum() < _MIN_COMPARABLE or apart.sum() - 1 > _MAX_SHARE * comparable.sum():
        return []  # a column of that name that holds something else
    found = []
    for at in np.flatnonzero(apart) + 1:
        before, on = bars["session"].iloc[at - 1], bars["session"].iloc[at]
        if len(calendar.between(before, on)) != 2:
            continue
        message = Message(
            "bar.change-disagrees",
            "By the exchange's own change, the close before {session} was {reference:.6g}, and the "
            "bar of {before} closes at {close:.6g}: a price is wrong, or an action is not listed. "
            "What was it?",
            {
                "session": on.date(),
                "reference": float(reference[at - 1]),
                "before": before.date(),
                "close": float(close[at - 1]),
            },
        )
        found.append(CheckFinding(Fault.STEP, np.array([at]), message, Hold.STEP))
    return found
