"""A deployment that leaves alone what a person changed of it in Prefect.

Prefect's own writes everything anew whenever it is served. Here the program writes what it owns,
such as where the flow's code is; a schedule or trigger is made once, and belongs to people then.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient, SyncPrefectClient
from prefect.client.schemas.actions import (
    DeploymentScheduleCreate,
    DeploymentUpdate,
    VariableCreate,
    VariableUpdate,
)
from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import RunnerDeployment
from pydantic import PrivateAttr

_VARIABLE = "tickerlens_offered"  # kept by Prefect itself, so that it is never newer than the rest


def offered(client: SyncPrefectClient) -> set[str] | None:
    """Which schedules and triggers were made before; None if nobody noted it yet."""
    found = client.read_variable_by_name(_VARIABLE)
    return set(found.value) if found is not None and isinstance(found.value, list) else None


def note(client: SyncPrefectClient, names: Collection[str]) -> None:
    """Keep the names of what was made, for the next time."""
    found = client.read_variable_by_name(_VARIABLE)
    value = sorted({*names, *(offered(client) or ())})
    if found is None:
        client.create_variable(VariableCreate(name=_VARIABLE, value=value))
    elif found.value != value:
        client.update_variable(VariableUpdate(name=_VARIABLE, value=value))


class OfferedDeployment(RunnerDeployment):
    """A flow that Prefect runs, with schedules and triggers that are made once."""

    _before: set[str] | None = PrivateAttr(default=None)

    def with_offered(self, before: set[str] | None) -> "OfferedDeployment":
        """The same, knowing what was made before."""
        self._before = before
        return self

    @property
    def names(self) -> set[str]:
        """What it has schedules and triggers called."""
        slugs = {self._named(one.slug) for one in self.schedules or []}
        return slugs | {self._named(one.name) for one in self.triggers}

    def _named(self, name: str | None) -> str:
        return f"{self.name}/{name}"

    async def _update(
        self,
        deployment_id: UUID,
        client: PrefectClient,
        version_info: Any,
        *,
        preserve_schedules: bool = False,
    ) -> UUID:
        """Write what belongs to the program; make what it has that was never made.

        Schedules that are there are kept whatever `preserve_schedules` says.
        """
        known = await client.read_deployment(deployment_id)
        schema = self._parameter_openapi_schema.model_dump(exclude_unset=True)
        await client.update_deployment(
            deployment_id,
            DeploymentUpdate(
                version=self.version,
                version_info=version_info,
                path=self._path,
                entrypoint=self.entrypoint,
                pull_steps=None,
                parameter_openapi_schema=schema,
                enforce_parameter_schema=self.enforce_parameter_schema,
                tags=sorted({*known.tags, *self.tags}),
            ),
        )
        await self._schedule(known, client)
        if self._before is None:
            await self._create_triggers(deployment_id, client)
        for trigger in self.triggers if self._before is not None else ():
            if self._named(trigger.name) not in self._before:
                trigger.set_deployment_id(deployment_id)
                await client.create_automation(trigger.as_automation())
        return deployment_id

    async def _schedule(self, known: DeploymentResponse, client: PrefectClient) -> None:
        there = {one.slug: one for one in known.schedules}
        for one in self.schedules or []:
            assert isinstance(one, DeploymentScheduleCreate)
            found = there.get(one.slug)
            if found is None and self._named(one.slug) not in (self._before or ()):
                await client.create_deployment_schedules(known.id, [one])
            elif found and self._before is None and one.parameters and not found.parameters:
                # Earlier versions lost them when a schedule was switched on.
                await client.update_deployment_schedule(
                    known.id, found.id, active=found.active, parameters=one.parameters
                )
