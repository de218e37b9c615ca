"""The night's work, one step after the other."""

from typing import Any

from core.foundation.clock import Clock, utc_now
from core.foundation.progress import Progress, silent
from core.foundation.schedules.nightly_log import NightlyStep
from core.wiring import Workspace
from core.workflows.monitor import Measure
from core.workflows.schedules.market_night import all_nights, market_night
from core.workflows.schedules.nightly_steps import Announce, NightlyWork, run_steps


def nightly(
    workspace: Workspace,
    actor: str,
    measure: Measure,
    progress: Progress = silent,
    clock: Clock = utc_now,
    market: str = "",
    announce: Announce | None = None,
) -> dict[str, Any]:
    """Ingest, train if nothing serves, score, monitor, forecast; a failing step is named.

    Of one market it is done once a session, see `core.workflows.schedules.market_night`. Without a
    market it is done of all tickers whenever it is asked for, and on record for each market.

    Parameters
    ----------
    measure, announce : see `core.workflows.monitor`.
    clock : asked anew by each step.

    Raises
    ------
    InvalidInputError : there is no such market.
    BusyError : another process does the same.
    TickerLensError : every step failed; the reason of the first.
    """
    work = NightlyWork(workspace, actor, measure, progress, clock, market, announce)
    if market:
        return market_night(work)
    log = workspace.nightly_log
    with all_nights(work) as nights:

        def ended(name: str, step: NightlyStep, found: dict[str, Any]) -> bool:
            for night in nights:
                log.add_step(night, name, step)
            return True

        done = run_steps(work, (), ended)
        for night in nights:
            log.end(night, done.status, clock())
    return done.or_raise()
