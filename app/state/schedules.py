"""What runs by itself: the scheduler is made to follow what is wanted here, and says how it is."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.state.prefect_client import Run, Runs, Schedule
from app.state.stores import stores
from core.foundation.audit import Action
from core.foundation.errors import OfflineError
from core.foundation.messages import Message
from core.foundation.schedules.schedule_switches import ScheduleSwitch
from core.wiring import Workspace
from core.workflows.schedules.former import superseded
from core.workflows.schedules.states import ScheduleState, nightly_states
from core.workflows.schedules.switches import EVENING, nightly_switches

_ASKED_FOR = ("backfill", "replay")  # without a schedule
_PROGRAM = "program"
_SCHEDULE = "schedule"  # who asks where a run of Prefect's own names nobody
_LOOKED_AT = 50


def is_pending(workspace: Workspace) -> bool:
    """Whether something was switched that the scheduler does not follow yet."""
    return any(one.applied_at is None for one in workspace.schedule_switches.all().values())


def follow(workspace: Workspace, runs: Runs, at: datetime) -> None:
    """Switch the scheduler's schedules to what is wanted of them here.

    Where the nightly work of a market was switched on, former schedules that would do the same
    again are switched off, once.

    Raises
    ------
    OfflineError : the scheduler does not answer; it is tried again.
    """
    wishes = workspace.schedule_switches.all()
    if not wishes:
        return
    found = {(one.flow, one.name): one for one in runs.schedules()}
    for wish in wishes.values():
        schedule = found.get((wish.name, EVENING))
        if schedule is None:
            continue  # the flows are not served yet
        if schedule.active != wish.active:
            runs.switch(schedule, wish.active)
        if wish.applied_at is None:
            if wish.active:
                _switch_off_former(workspace, runs, found.values(), wish, at)
            workspace.schedule_switches.applied(wish, at)


def _switch_off_former(
    workspace: Workspace, runs: Runs, known: Iterable[Schedule], wish: ScheduleSwitch, at: datetime
) -> None:
    active = {(one.flow, one.name): one for one in known if one.active}
    nightly = [market for market, one in nightly_switches(workspace).items() if one.active]
    when = {key: (one.when, one.timezone) for key, one in active.items()}
    for key in superseded(when, nightly):
        runs.switch(active[key], False)
        reason = f"{wish.name} does this now"
        workspace.audit.add(Action(at, _PROGRAM, "switch off", " ".join(key), reason))


def schedule_states() -> list[ScheduleState]:
    """What runs by itself: last, next, what it did and why not; without the scheduler too."""
    return states_of(stores(), stores().runs, datetime.now(UTC))


def states_of(workspace: Workspace, runs: Runs, now: datetime) -> list[ScheduleState]:
    """One row a schedule, and one for each flow that only runs when it is asked for.

    The nightly work is known without the scheduler. While that is away, the rest has a name only.
    """
    nightly = nightly_states(workspace, now)
    try:
        schedules, coming = runs.schedules(), runs.next_runs()
        last = {flow: runs.latest(flow, 1) for flow in _ASKED_FOR}
        # What was asked for by somebody else is no run of the schedule's.
        trained = runs.latest("train", _LOOKED_AT)
        last["train"] = [
            one for one in trained if one.parameters.get("who", _SCHEDULE) == _SCHEDULE
        ]
    except OfflineError:
        return [*nightly, *map(ScheduleState, ("train", *_ASKED_FOR))]
    own = {one.name for one in nightly}
    others = [one for one in schedules if one.flow not in own]
    shown = [one for one in others if one.flow == "train" or one.active]
    return [
        *nightly,
        *(
            ScheduleState(
                one.flow,
                one.name if one.flow == "ingest" else "",
                one.when,
                one.timezone,
                one.active,
                next=coming.get(one.deployment_id) if one.active else None,
                **_last(last.get(one.flow, [])),
            )
            for one in shown
        ),
        *(ScheduleState(flow, active=None, **_last(last[flow])) for flow in _ASKED_FOR),
    ]


def _last(runs: list[Run]) -> dict[str, Any]:
    if not runs:
        return {}
    run = runs[0]
    did = (("", Message.from_stored(run.message)),) if run.message else ()
    ended = run.since if run.ended else None
    return {"last": run.started, "ended": ended, "status": run.name.lower(), "did": did}
