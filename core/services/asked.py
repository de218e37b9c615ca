"""How a source of bars is, from what came of asking it: nothing is asked for this."""

from core.services.status import DEGRADED, DOWN, NOT_SET_UP, UP, Answer
from core.storage.outcomes import OK, RATE_LIMITED, UNAVAILABLE, Outcomes

_SILENT = (RATE_LIMITED, UNAVAILABLE)


def asked(outcomes: Outcomes, source: str, resting: str = "") -> Answer:
    """How a source answered when it was last asked for bars.

    Parameters
    ----------
    resting : a sentence that says until when it is not asked, and why; empty if it may be.
    """
    found = outcomes.latest_run(source)
    last = outcomes.last_success(source)
    if not found:
        return Answer(NOT_SET_UP, "It was never asked for bars.")
    good = [one for one in found if one.outcome == OK]
    bad = [one for one in found if one.outcome != OK]
    if resting:
        return Answer(DEGRADED if good else DOWN, resting, last)
    if not bad:
        return Answer(UP, f"Gave bars of {_tickers(len(good))} when last asked.", last)
    said = bad[0].message or "It gave no bars."
    if len(found) > 1:
        said = f"{len(bad)} of {_tickers(len(found))} failed when last asked: {said}"
    silent = not good and any(one.outcome in _SILENT for one in bad)
    return Answer(DOWN if silent else DEGRADED, said, last)


def _tickers(count: int) -> str:
    return "1 ticker" if count == 1 else f"{count:,} tickers"
