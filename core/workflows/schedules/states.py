"""How the nightly work of each market is: last, next, what it did, why it was skipped."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core.foundation.messages import Message
from core.foundation.schedules.nightly_log import NightlyRun, NightlyStatus
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.schedules.evenings import EVENINGS, Evening
from core.workflows.schedules.market_night import own_tickers_of
from core.workflows.schedules.switches import deployment_of, nightly_switches

STOPPED = "stopped"  # it began, and its process is gone; the next one goes on from there
_DAY = timedelta(days=1)
_LOOKED_AHEAD_DAYS = 30


@dataclass(frozen=True)
class ScheduleState:
    """One thing that runs by itself, or when it is asked for.

    Parameters
    ----------
    name : of the deployment; `market` is empty where it is of none.
    when, zone : a cron line and the clock it goes by; empty without a schedule.
    active : whether it is on; None while nobody knows.
    pending : it was switched here, and the scheduler does not follow yet.
    last, ended : when the last run began and ended; None if there was none, or it goes on.
    status : how that ended; empty if there was none.
    session : which session that was of; None where runs are of none.
    did : one sentence a step of it.
    next : when it runs next; None if it is off or nobody knows.
    skipped : the last day that was left out since then, and why; None if none was.
    """

    name: str
    market: str = ""
    when: str = ""
    zone: str = ""
    active: bool | None = None
    pending: bool = False
    last: datetime | None = None
    ended: datetime | None = None
    status: str = ""
    session: date | None = None
    did: tuple[tuple[str, Message], ...] = ()
    next: datetime | None = None
    skipped: tuple[date, Message] | None = None

    @property
    def is_nightly(self) -> bool:
        """Whether it is the nightly work of a market, which is switched here."""
        return bool(self.market) and self.name == deployment_of(self.market)


def nightly_states(workspace: Workspace, now: datetime) -> list[ScheduleState]:
    """The state of the nightly work of each market, from what is on record here.

    `next` is the next night that has a session to work on.
    """
    wishes, calendars = nightly_switches(workspace), workspace.calendars()
    found = []
    for market, evening in EVENINGS.items():
        wish = wishes.get(market)
        active = wish is not None and wish.active
        nights = workspace.nightly_log.latest(market, skipped=False)
        newest = workspace.nightly_log.latest(market)
        tickers = own_tickers_of(workspace, market)
        found.append(
            ScheduleState(
                deployment_of(market),
                market,
                evening.cron,
                evening.zone,
                active,
                wish is not None and wish.applied_at is None,
                **(_last(workspace, nights[0]) if nights else {}),
                next=_next(evening, tickers, calendars, now) if active else None,
                skipped=_skipped(newest[0]) if newest else None,
            )
        )
    return found


def _last(workspace: Workspace, night: NightlyRun) -> dict[str, Any]:
    running = night.status == NightlyStatus.RUNNING
    stopped = running and not workspace.run_locks.is_alive(night.run)
    return {
        "last": night.started_at,
        "ended": night.ended_at,
        "status": STOPPED if stopped else night.status.value,
        "session": night.session,
        "did": tuple((name, step.message) for name, step in night.steps.items()),
    }


def _skipped(night: NightlyRun) -> tuple[date, Message] | None:
    if night.status != NightlyStatus.SKIPPED or night.reason is None:
        return None
    return night.session, night.reason


def _next(
    evening: Evening, tickers: list[Ticker], calendars: Calendars, now: datetime
) -> datetime | None:
    codes = evening.calendars or {one.market.calendar for one in tickers}
    first = evening.last(now) + _DAY
    days = (first + ahead * _DAY for ahead in range(_LOOKED_AHEAD_DAYS))
    return next(
        (evening.at(day) for day in days if not evening.closed(day, calendars, codes)), None
    )
