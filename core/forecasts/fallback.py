"""The fallback forecaster of a ticker with a short history, or that no version can serve."""

import numpy as np

from core.features.panel import Panel
from core.forecasts.claims import NAMES
from core.foundation.errors import NotEnoughHistoryError
from core.foundation.messages import Message
from core.models import Forecaster, create
from core.models.short_history import Averaged
from core.reference.tickers import Ticker
from core.registry.versions import ModelVersion

# The first that has enough; each needs no training, so nothing has to be stored for it.
_FALLBACKS = {
    "random_walk": NAMES["random_walk"],
    "random_walk_gauss": Message(
        "forecast.random-walk-normal", "the random walk with a normal distribution"
    ),
}


def averaged(
    wanted: Forecaster, model: ModelVersion, other: Forecaster, panel: Panel, row: int
) -> tuple[Forecaster, Message] | None:
    """The mean of what a young ticker's few sessions tell the forecaster wanted and of another's.

    Parameters
    ----------
    model : the version that `wanted` is of.
    other : the fallback, from `choose_fallback`.
    row : of the panel, the ticker's last session; no later one is looked at.

    Returns
    -------
    The averaged forecaster and a sentence with the reason; None where `wanted` cannot forecast
    the ticker at all.
    """
    ticker, both = panel.tickers[panel.code[row]], Averaged(wanted, other)
    if not np.isfinite(both.quantiles(panel, np.array([row]))).all():
        return None
    return both, Message(
        "forecast.averaged",
        "{ticker} needs at least {least} sessions for {wanted}, has {sessions}; shown is the mean "
        "of {model} version {version} on these few and {other} instead.",
        {
            "ticker": str(ticker),
            "least": wanted.min_observations,
            "wanted": wanted.name,
            "sessions": int(panel.age[row]),
            "model": model.name,
            "version": model.version,
            "other": _FALLBACKS[other.name],
        },
    )


def choose_fallback(
    wanted: Forecaster, ticker: Ticker, sessions: int
) -> tuple[Forecaster, Message | None]:
    """The forecaster for a ticker with that many sessions, and why it is not the one wanted.

    Returns
    -------
    `wanted` and None where the ticker has enough, else a simpler one and a sentence.

    Raises
    ------
    NotEnoughHistoryError : it has too few for any.
    """
    if sessions >= wanted.min_observations:
        return wanted, None
    found = _fallback_for(sessions)
    if found is None:
        raise _not_enough_history(ticker, sessions, wanted.min_observations)
    return found, Message(
        "forecast.too-young",
        "{ticker} needs at least {least} sessions for {wanted}, has {sessions}; shown is {other} "
        "instead.",
        {
            "ticker": str(ticker),
            "least": wanted.min_observations,
            "wanted": wanted.name,
            "sessions": sessions,
            "other": _FALLBACKS[found.name],
        },
    )


def fallback(ticker: Ticker, sessions: int) -> tuple[Forecaster, Message]:
    """The forecaster of a ticker with that many sessions where no version can serve it.

    Returns
    -------
    It and a sentence that says so.

    Raises
    ------
    NotEnoughHistoryError : the ticker has too few sessions for any.
    """
    found = _fallback_for(sessions)
    if found is None:
        raise _not_enough_history(ticker, sessions)
    return found, Message(
        "forecast.of-fallback",
        "Shown for {ticker} is {other}.",
        {"ticker": str(ticker), "other": _FALLBACKS[found.name]},
    )


def _fallback_for(sessions: int) -> Forecaster | None:
    found = (create(name) for name in _FALLBACKS)
    return next((one for one in found if sessions >= one.min_observations), None)


def _not_enough_history(ticker: Ticker, sessions: int, *more: int) -> NotEnoughHistoryError:
    least = min(*more, *(create(name).min_observations for name in _FALLBACKS))
    return NotEnoughHistoryError(
        "ticker.too-young",
        "{ticker} needs at least {least} sessions, has {sessions}.",
        {"ticker": ticker, "least": least, "sessions": sessions},
        parameter="ticker",
    )
