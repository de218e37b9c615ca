"""Sessions that an exchange compares with none before, and nobody lists an action for."""

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault
from core.reference.bar_holds import Hold

NO_COMPARISON = "bar.no-comparison"


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
