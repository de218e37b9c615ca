"""Where a distribution lies: a long-run premium, the same for all tickers."""

from collections.abc import Mapping

import numpy as np

from core.features.panel import Panel
from core.foundation.errors import InvalidInputError
from core.models.distribution import Distribution
from core.reference.schema import HORIZONS

PRIOR_A_YEAR = 0.06  # mean log return, 6.2 % compounded
PRIOR_YEARS = 100.0  # that it weighs as much as
SESSIONS_A_YEAR = 252
# Nobody is paid much for bearing next to no risk: this share of the middle half at most.
_MAX_SHARE = 0.25
_LOW, _HIGH = 2, 4  # the levels 0.25 and 0.75


def premium(panel: Panel, rows: np.ndarray) -> float:
    """Mean log return a session, shrunk to the prior by the years that were seen.

    Stocks that are looked at today are those that did well, so their own mean says little: twenty
    years of it weigh a sixth. Tickers rise and fall together and add no years to each other.

    Parameters
    ----------
    rows : int64 (rows,), not empty, each with a later session of its ticker behind it.
    """
    years = len(np.unique(panel.session[rows])) / SESSIONS_A_YEAR
    weight = years / (years + PRIOR_YEARS)
    seen = float((panel.log_close[rows + 1] - panel.log_close[rows]).mean())
    return weight * seen + (1.0 - weight) * PRIOR_A_YEAR / SESSIONS_A_YEAR


def placed(returns: np.ndarray, a_session: float) -> np.ndarray:
    """The same distributions with their means moved to `a_session` times the horizon.

    Parameters
    ----------
    returns : float64 (rows, horizons, levels), log returns at `LEVELS` for every horizon; NaN
        gives NaN. Their shape stays, so a median may still lie above the mean.
    a_session : mean log return a session. A mean never lies further from zero than a quarter of
        the distance between the quartiles: a price that stands still is not said to rise.
    """
    most = _MAX_SHARE * (returns[..., _HIGH] - returns[..., _LOW])
    mean = np.clip(a_session * np.array(HORIZONS), -most, most)
    moved: np.ndarray = returns + (mean - Distribution(returns).mean())[..., None]
    return moved


def as_array(a_session: float) -> np.ndarray:
    """A premium as a fitted state holds it, float64 (1,)."""
    return np.array([a_session])


def stored_premium(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """The premium of a stored state, as `as_array` made it.

    The prior alone where there is none: models of before it was learned hold the drift of their
    own tickers instead, which is not used any more.

    Raises
    ------
    InvalidInputError : it is no finite number.
    """
    found = np.array(arrays.get("premium", as_array(PRIOR_A_YEAR / SESSIONS_A_YEAR)))
    if found.shape != (1,) or found.dtype != np.float64 or not np.isfinite(found).all():
        raise InvalidInputError(
            "forecaster.unusable-premium",
            "The stored {name} model has no usable premium.",
            {"name": name},
            parameter="premium",
        )
    return found
