"""Time-ordered folds: which sessions may be learned from before which origins."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.foundation.errors import InvalidInputError
from core.reference.schema import MAX_HORIZON


@dataclass(frozen=True)
class Fold:
    """One refit: `until` is the last session learned from, `origins` what is forecast with it."""

    until: pd.Timestamp
    origins: pd.DatetimeIndex


def last_origins(sessions: pd.DatetimeIndex, span: int = 500, every: int = 4) -> pd.DatetimeIndex:
    """Every `every`-th of the last `span` sessions that have `MAX_HORIZON` sessions behind them.

    The newest such session is always one of them.
    """
    scored = sessions[: max(len(sessions) - MAX_HORIZON, 0)]
    return scored[-span:][::-1][::every][::-1]


def walk_forward(
    sessions: pd.DatetimeIndex,
    origins: pd.DatetimeIndex,
    refit_every: int = 60,
    embargo: int = MAX_HORIZON,
) -> list[Fold]:
    """Folds in time order, a new one once `refit_every` sessions have passed.

    Parameters
    ----------
    sessions : all sessions of the panel, rising.
    origins : those to forecast from, each one of `sessions`.
    refit_every : sessions, at least 1.
    embargo : sessions left out between the last one learned from and the first origin. The
        purge is the forecaster's: no target beyond `until` is learned from.

    Raises
    ------
    InvalidInputError : an origin is no session, or a number is out of range.
    """
    if refit_every < 1 or embargo < 0:
        raise InvalidInputError(
            "backtest.bad-spacing",
            "refit_every must be at least 1 and embargo at least 0 sessions.",
            parameter="refit_every",
        )
    chosen = origins.unique().sort_values()
    at = sessions.get_indexer(chosen)
    if (at < 0).any():
        raise InvalidInputError(
            "backtest.no-session",
            "{origin} is not a session of these bars.",
            {"origin": chosen[at < 0][0].date()},
            parameter="origins",
        )
    if not len(at):
        return []
    group = (at - at[0]) // refit_every
    folds = []
    for number in np.unique(group):
        members = at[group == number]
        until = max(int(members[0]) - embargo, 0)
        folds.append(Fold(pd.Timestamp(sessions[until]), sessions[members]))
    return folds
