"""Let the nightly work take the place of schedules that did it in parts, once."""

from collections.abc import Collection
from datetime import UTC, datetime

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.schedules import CronSchedule

from core.wiring import Workspace
from core.workflows.schedules.former import adopted
from core.workflows.schedules.switches import (
    EVENING,
    deployment_of,
    nightly_switches,
    switch_nightly,
)

_ACTOR = "program"
_REASON = "in place of the schedules of ingest, score, monitor and forecast that were on"


def adopt(client: SyncPrefectClient, workspace: Workspace, before: Collection[str] | None) -> None:
    """Want the nightly work of each market for which a person had switched its parts on.

    Only markets whose nightly work was never offered, and of which nobody decided. The former
    schedules are switched off once the nightly work is on, so that no evening is left out.

    Parameters
    ----------
    before : the schedules that were made before, by deployment and name.
    """
    active = {
        (deployment.name, one.slug or ""): (one.schedule.cron, one.schedule.timezone or "UTC")
        for deployment in client.read_deployments()
        for one in deployment.schedules
        if one.active and isinstance(one.schedule, CronSchedule)
    }
    decided = nightly_switches(workspace)
    for market in adopted(active):
        new = f"{deployment_of(market)}/{EVENING}" not in (before or ())
        if new and market not in decided:
            switch_nightly(workspace, market, True, _ACTOR, datetime.now(UTC), _REASON)
