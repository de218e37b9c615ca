"""`python -m flows serve`: offers the flows to Prefect and runs what it hands out."""

import os
import time
from collections.abc import Mapping

from core import wiring
from core.settings import Settings

_PATIENCE_SECONDS = 0.5


def serve(settings: Settings) -> None:
    """Wait for Prefect's server, then serve every deployment until told to stop."""
    # Before Prefect is imported, which reads them once; flow runs are child processes.
    os.environ.update(wiring.open_scheduler(settings).environment())
    os.environ["TICKERLENS_HOME"] = str(settings.home.absolute())
    from prefect import serve as serve_deployments
    from prefect.client.orchestration import get_client

    from flows.deployments import AT_ONCE, deployments

    with get_client(sync_client=True) as client:
        while client.api_healthcheck() is not None:
            time.sleep(_PATIENCE_SECONDS)
        switched: Mapping[tuple[str, str], bool] = {
            (deployment.name, schedule.slug or ""): schedule.active
            for deployment in client.read_deployments(limit=50)
            for schedule in deployment.schedules
        }
    # Serving anew writes the schedules anew; whoever switched one on finds it on.
    serve_deployments(
        *deployments(switched), limit=AT_ONCE, pause_on_shutdown=False, print_starting_message=False
    )
