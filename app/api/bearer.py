"""Routes that act: only for the bearer token of a person who may, asked before anything is read."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from app.state.stores import stores
from core.foundation.errors import AccessError, ForbiddenError
from core.foundation.keys.person import Person

_SCHEME = HTTPBearer(
    scheme_name="token",
    description="A developer's token: `Authorization: Bearer <token>`. `make run` prints where "
    "the first one is kept.",
    auto_error=False,
)
# States in the OpenAPI document what `ActingRoute` asks for.
BEARER = Security(_SCHEME)


class ActingRoute(APIRoute):
    """A route that a person without the right to act gets nothing out of, not even a refusal of
    the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind the check."""
        handle: Callable[[Request], Awaitable[Response]] = super().get_route_handler()

        async def checked(request: Request) -> Response:
            request.state.person = await run_in_threadpool(_person, request)
            return await handle(request)

        return checked


def acting(request: Request) -> Person:
    """Who asks, on an `ActingRoute`."""
    person: Person = request.state.person
    return person


def _person(request: Request) -> Person:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AccessError(
            "access.token-missing",
            "This needs a developer's token, as the header Authorization: Bearer <token>.",
            parameter="authorization",
        )
    person = stores().access.holder(token)
    if not person.may_act:
        raise ForbiddenError(
            "access.role-too-small",
            "{name} is a {role}, who may look and not act.",
            {"name": person.name, "role": person.role},
            parameter="authorization",
        )
    return person
