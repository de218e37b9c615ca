"""The one web process: pages, routes under /api, and the guards before both."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route

from app.api.routes import api
from app.components.states import show_incident
from app.dispatch import Dispatcher
from app.guards import BodyLimit, SecurityHeaders
from app.metrics import Measured, metrics
from app.stores import stores
from core.settings import load_settings

logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
# An address may hold a one-time key, so visits are not written down. A filter, because Streamlit
# sets the level of this logger anew when it starts.
logging.getLogger("uvicorn.access").addFilter(lambda record: False)


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
    routes=[Mount("/api", api), Route("/metrics", metrics)],
    middleware=[
        Middleware(Measured),
        Middleware(SecurityHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=load_settings().host_names),
        Middleware(BodyLimit),
    ],
    on_script_error=show_incident,
)
