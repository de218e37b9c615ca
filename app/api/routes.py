"""What the app answers over HTTP, under /api."""

from functools import partial

from fastapi import Depends, FastAPI

from app.api import bars, docs_page, drift, experiments, forecasts, training
from app.api.auth import router as auth
from app.api.document import document
from app.api.errors import add_error_handlers
from app.api.parameters import known_parameters
from app.api.schemas.problem_body import Health, Problem
from app.state.stores import stores
from core.foundation.source_commit import VERSION
from core.lifecycle.wanted_training import shortcomings

# FastAPI's own documentation pages load their scripts from outside; see docs_page.
api = FastAPI(
    title="TickerLens",
    version=VERSION,
    docs_url=None,
    redoc_url=None,
    responses={422: {"model": Problem}},
)
api.openapi = partial(document, api)  # type: ignore[method-assign]
add_error_handlers(api)


@api.get("/health", dependencies=[Depends(known_parameters)])
def health() -> Health:
    """Whether the app is up and what it holds."""
    here, serving = stores(), stores().registry.serving()
    wrong = shortcomings(here.registry, here.bars, here.outbox)
    return Health(
        status="degraded" if wrong else "ok",
        note=" ".join(map(str, wrong)) or None,
        version=api.version,
        tickers=len(here.bars.tickers()),
        champion=None if serving is None or serving.fallback else str(serving.model.version),
    )


for router in (
    *(auth, bars.router, forecasts.router, experiments.router, drift.router),
    *(training.acts, training.router, docs_page.router),
):
    api.include_router(router)
