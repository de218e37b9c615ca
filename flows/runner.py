"""Prefect's runner, which also ends the cancelled runs that its own observer misses.

Prefect hears of a cancelling once, in an event. One that comes before the run's process is known
is dropped, and the process then ends without a word, since a run that is being cancelled may not
begin: the run would stay at Cancelling for ever.
"""

import asyncio
import time
from typing import Any, Self
from uuid import UUID

from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.runner import Runner
from prefect.utilities.services import critical_service_loop

from core.foundation.outbox import RunState

_EVERY_SECONDS = 1.0
_PREFECTS_OWN_SECONDS = 3.0  # what Prefect's own observer gets before the process is killed
_ENOUGH_SECONDS = 8.0  # and what it gets for ending a process that does not want to
_CANCELLING = FlowRunFilter.model_validate({"state": {"type": {"any_": [RunState.CANCELLING]}}})


class FlowRunner(Runner):
    """A `Runner` under which every cancelling comes to an end."""

    async def __aenter__(self) -> Self:
        """Begin, as Prefect's."""
        await super().__aenter__()
        self._since: dict[UUID, float] = {}
        self._settling = asyncio.create_task(self._settle_for_ever())
        return self

    async def __aexit__(self, *exc_info: Any) -> None:
        """End, as Prefect's."""
        self._settling.cancel()
        await super().__aexit__(*exc_info)

    async def _settle_for_ever(self) -> None:
        while True:
            # Prefect's own way to pass over a server that is away for a moment.
            await critical_service_loop(self._settle, _EVERY_SECONDS, run_once=True)
            await asyncio.sleep(_EVERY_SECONDS)

    async def _settle(self) -> None:
        found = await self._client.read_flow_runs(flow_run_filter=_CANCELLING, limit=50)
        now = time.monotonic()
        self._since = {run.id: self._since.get(run.id, now) for run in found}
        for run in found:
            await self._settle_one(run, now - self._since[run.id])

    async def _settle_one(self, run: FlowRun, seconds: float) -> None:
        process = self._process_manager.get(run.id)
        if process is not None:
            missed = run.id not in self._cancelling_flow_run_ids
            limit = _PREFECTS_OWN_SECONDS if missed else _ENOUGH_SECONDS
            if seconds >= limit and process.returncode is None:
                process.hard_kill()
        elif run.id not in self._scheduled_run_poller._submitting_flow_run_ids:
            if run.deployment_id in self._deployment_registry.get_deployment_ids():
                cancelled = {"message": "It was cancelled."}
                await self._state_proposer.propose_cancelled(run, cancelled)
