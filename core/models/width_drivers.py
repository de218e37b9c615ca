"""What makes today's range wide or narrow: the parts of a predicted width, in percent of it."""

import numpy as np
import pandas as pd

from core.features.panel import Panel
from core.models.base import Forecaster
from core.reference.schema import HORIZONS

# What `core.features.spec` names, in words a reader knows; the order in which they are told.
DAYS, WEEKS, MONTHS = "Its last days", "Its last weeks", "Its last half year"
DIRECTION, MARKET, QUARTER = "Recent rises and falls", "Its market", "Time of the quarter"
DRIVERS = (DAYS, WEEKS, MONTHS, DIRECTION, MARKET, QUARTER)
COLUMNS = ("horizon", "driver", "against_expected", "moved")
EXPECTED_SESSIONS = 250
_MIN_SESSIONS = 20
# Longest spans that are called days and weeks.
_DAYS_SESSIONS, _WEEKS_SESSIONS = 5, 60


def driver_of(feature: str) -> str:
    """The driver that a feature of `core.features.spec.HAR` belongs to."""
    if feature.startswith("market_"):
        return MARKET
    kind, span = feature.rsplit("_", 1)
    if kind != "log_variance":
        return DIRECTION
    if int(span) <= _DAYS_SESSIONS:
        return DAYS
    return WEEKS if int(span) <= _WEEKS_SESSIONS else MONTHS


def drivers(model: Forecaster, panel: Panel, row: int) -> pd.DataFrame | None:
    """By how much each driver makes the range from one row wider or narrower.

    Parameters
    ----------
    model : fitted.
    row : of the panel, the origin; no later one is looked at.

    Returns
    -------
    Frame of `COLUMNS`, a row for each horizon and driver. `against_expected` is the share by which
    the range is wider (narrower if below zero) than expected of its ticker, which is the geometric
    mean of what the same model says from its last `EXPECTED_SESSIONS` sessions; `moved` that
    against the session before. Over the drivers of a horizon they add up to the whole change. NaN
    where the ticker has no such past. None if the model does not say how it comes by a width.

    Notes
    -----
    The terms of the log width add up; a share of the change in width is given to each by the
    logarithmic mean, which leaves no remainder (Ang 2004, Decomposition analysis for policymaking
    in energy).
    """
    first = int(panel.first[panel.code[row]])
    least = first + model.min_observations - 1
    rows = np.arange(max(least, row - EXPECTED_SESSIONS + 1), row + 1)
    terms = model.log_width_terms(panel, rows)
    if terms is None:
        return None
    names = list(terms)
    logs = np.stack([terms[name] for name in names])  # (drivers, rows, horizons)
    unknown = np.full((len(names), len(HORIZONS)), np.nan)
    against_expected, moved = unknown, unknown
    if len(rows) >= _MIN_SESSIONS:
        against_expected = _shares(logs[:, -1] - logs.mean(axis=1))
    if len(rows) > 1:
        moved = _shares(logs[:, -1] - logs[:, -2])
    return pd.DataFrame(
        {
            "horizon": np.repeat(np.array(HORIZONS), len(names)),
            "driver": pd.Series(names * len(HORIZONS), dtype="str"),
            "against_expected": against_expected.T.ravel(),
            "moved": moved.T.ravel(),
        }
    )


def _shares(change: np.ndarray) -> np.ndarray:
    """Changes in log, (drivers, horizons), as shares that add up to the whole change."""
    whole = change.sum(axis=0)
    still = np.abs(whole) < 1e-9
    rate = np.where(still, 1.0, np.expm1(whole) / np.where(still, 1.0, whole))
    shares: np.ndarray = change * rate
    return shares
