"""Nothing in front of the app keeps it from hearing that it starts and ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app.api.auth import COOKIE
from app.web.guards import ApiRefusals, BodyLimit, HeaderLimit, SecurityHeaders
from app.web.launch_identity import Launched
from app.web.metrics import Measured
from app.web.origins import SameOrigin
from app.web.page_key import PageKey
from app.web.uploads import OwnUploads

IN_FRONT = [
    Middleware(Measured),
    Middleware(SecurityHeaders),
    Middleware(ApiRefusals),
    Middleware(HeaderLimit),
    Middleware(Launched, launch=""),
    Middleware(SameOrigin, knows=lambda token: False),
    Middleware(PageKey, cookie=COOKIE),
    Middleware(OwnUploads, may_act=lambda cookies: False),
    Middleware(BodyLimit),
]


def test_what_begins_with_the_app_begins_behind_every_guard() -> None:
    heard = []

    @asynccontextmanager
    async def while_up(app: Starlette) -> AsyncIterator[None]:
        heard.append("up")
        yield
        heard.append("down")

    with TestClient(Starlette(middleware=IN_FRONT, lifespan=while_up)):
        assert heard == ["up"]
    assert heard == ["up", "down"]
