"""Who forecasts a ticker that is too young for the champion."""

from core.errors import NotEnoughHistoryError
from core.models import Forecaster, create
from core.tickers import Ticker

# The first that has enough; each needs no training, so nothing has to be stored for it.
_STAND_INS = {
    "random_walk": "the random walk",
    "random_walk_gauss": "the random walk with a normal law",
}


def stand_in(wanted: Forecaster, ticker: Ticker, sessions: int) -> tuple[Forecaster, str]:
    """The forecaster for a ticker with that many sessions, and why it is not the one wanted.

    Returns
    -------
    `wanted` and an empty text where the ticker has enough, else a simpler one and a sentence.

    Raises
    ------
    NotEnoughHistoryError : it has too few for any.
    """
    if sessions >= wanted.min_observations:
        return wanted, ""
    least = wanted.min_observations
    for name, told in _STAND_INS.items():
        other = create(name)
        if sessions >= other.min_observations:
            return other, (
                f"{ticker} needs at least {wanted.min_observations} sessions for {wanted.name}, "
                f"has {sessions}; shown is {told} instead."
            )
        least = min(least, other.min_observations)
    raise NotEnoughHistoryError(
        f"{ticker} needs at least {least} sessions, has {sessions}.", "ticker"
    )
