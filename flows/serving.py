"""`python -m flows serve`: offers the flows to Prefect and runs what it hands out."""

import asyncio
import os
import time

from core.wiring import Workspace

_PATIENCE_SECONDS = 0.5


def serve(workspace: Workspace) -> None:
    """Wait for Prefect's server, then serve every deployment until told to stop."""
    # Before Prefect is imported, which reads them once; flow runs are child processes.
    os.environ.update(workspace.scheduler.environment())
    os.environ["TICKERLENS_HOME"] = str(workspace.settings.home.absolute())
    from prefect.client.orchestration import get_client
    from prefect.exceptions import TerminationSignal

    from flows.deployments import AT_ONCE, deployments
    from flows.former_schedules import adopt
    from flows.offered import note, offered
    from flows.runner import FlowRunner

    runner = FlowRunner(limit=AT_ONCE, pause_on_shutdown=False)
    with get_client(sync_client=True) as client:
        while client.api_healthcheck() is not None:
            time.sleep(_PATIENCE_SECONDS)
        before = offered(client)
        adopt(client, workspace, before)
        served = deployments(before)
        for deployment in served:
            runner.add_deployment(deployment)
        note(client, set[str]().union(*(deployment.names for deployment in served)))
    try:
        asyncio.run(runner.start())
    except (KeyboardInterrupt, TerminationSignal):
        return
