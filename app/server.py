"""The one web process: pages, routes under /api, and the guards before both."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route

from app.api import oidc
from app.api.auth import (
    COOKIE,
    has_session,
    is_signed_in,
    is_token,
    knows_token,
    may_act,
    note_unknown_token,
)
from app.api.routes import api
from app.components.states import show_incident
from app.state.stores import stores
from app.web.callers import KnownCallers
from app.web.dispatch import Dispatcher
from app.web.guards import ApiRefusals, BodyLimit, HeaderLimit, SecurityHeaders
from app.web.launch_identity import Launched
from app.web.metrics import Measured, metrics
from app.web.origins import SameOrigin
from app.web.page_key import PageKey
from app.web.rate_limits import GuessLimit, RateLimits, Rates
from app.web.sign_in_gate import Locks, SignInGate
from app.web.uploads import OwnUploads
from core.foundation.home import keep_private
from core.foundation.settings import load_settings

logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
# An address may hold a one-time key, so visits are not written down. A filter, because Streamlit
# sets the level of this logger anew when it starts.
logging.getLogger("uvicorn.access").addFilter(lambda record: False)
settings = load_settings()
keep_private(settings.home)
rates = Rates(settings.cache_url)
locks = Locks(token=is_token, session=is_signed_in, cookie=has_session)
gate = [Middleware(SignInGate, locks=locks)] if settings.signin_required else []


@asynccontextmanager
async def dispatching(running: st.App) -> AsyncIterator[None]:
    """While the app is up, what people ask for is handed to the scheduler."""
    dispatcher = Dispatcher(stores)
    dispatcher.start()
    yield
    dispatcher.stop()


app = st.App(
    Path(__file__).with_name("main.py"),
    lifespan=dispatching,
    routes=[Mount("/api", api), Route("/metrics", metrics), *oidc.routes(settings)],
    secrets=oidc.secrets(settings),
    middleware=[
        Middleware(Measured),
        Middleware(SecurityHeaders),
        Middleware(ApiRefusals),
        Middleware(HeaderLimit),
        Middleware(Launched, launch=os.environ.get("LAUNCH_ID", "")),
        Middleware(TrustedHostMiddleware, allowed_hosts=settings.host_names),
        Middleware(KnownCallers),
        Middleware(
            GuessLimit,
            rates=rates,
            rate=settings.signin_rate,
            knows=is_token,
            refused=note_unknown_token,
        ),
        Middleware(SameOrigin, knows=knows_token),
        Middleware(PageKey, cookie=COOKIE),
        Middleware(RateLimits, rates=rates, settings=settings, cookie=COOKIE, knows=is_token),
        *gate,
        Middleware(OwnUploads, may_act=may_act),
        Middleware(BodyLimit),
    ],
    on_script_error=show_incident,
)
