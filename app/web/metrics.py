"""What the app tells Prometheus about itself: requests, page runs, errors."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.routing import APIRoute
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE, OTHER = "page", "other"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ERRORS = ("4xx", "5xx")
EXPLAINED, UNFORESEEN = "explained", "unforeseen"
# Where Streamlit and the app serve what is no page.
_NO_PAGES = {"_stcore", "api", "component", "media", "metrics", "static"}
_PAGES = sorted(path.parent.name for path in Path(__file__).parents[1].glob("views/*/page.py"))
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

disable_created_metrics()
registry = CollectorRegistry()
_requests = Histogram(
    "tickerlens_http_request_duration_seconds",
    "Seconds from a request to the end of its answer, by route, method and class of status.",
    ("route", "method", "status"),
    buckets=_BUCKETS,
    registry=registry,
)
_failed = Counter(
    "tickerlens_http_errors",
    "Requests answered with an error, by route and class of status.",
    ("route", "status"),
    registry=registry,
)
_runs = Histogram(
    "tickerlens_page_run_duration_seconds",
    "Seconds that the script of a page ran.",
    ("page",),
    buckets=_BUCKETS,
    registry=registry,
)
_page_errors = Counter(
    "tickerlens_page_errors",
    "Errors shown on pages: explained in a sentence, or unforeseen and in the log of incidents.",
    ("kind",),
    registry=registry,
)
# What can be counted starts at nought, so that the first one is seen as a change.
for _route in (PAGE, OTHER):
    _requests.labels(_route, "GET", "2xx")
    for _status in ERRORS:
        _failed.labels(_route, _status)
for _page in _PAGES:
    _runs.labels(_page)
for _kind in (EXPLAINED, UNFORESEEN):
    _page_errors.labels(_kind)


class Measured:
    """Times every HTTP request, refused ones too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, noted = 500, False  # unless an answer begins
        path, started = scope["path"], time.perf_counter()  # the router may cut the path

        def note() -> None:
            nonlocal noted
            if not noted:
                noted = True
                seconds = time.perf_counter() - started
                _note(_route_of(scope, path), scope["method"], status, seconds)

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif not message.get("more_body", False):
                note()  # before its last byte leaves: who has the answer finds it counted
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            note()


@contextmanager
def page_run(name: str) -> Iterator[None]:
    """Time the script of a page by the name of its file."""
    started = time.perf_counter()
    try:
        yield
    finally:
        _runs.labels(name if name in _PAGES else OTHER).observe(time.perf_counter() - started)


def page_failed(kind: str) -> None:
    """Count an error shown on a page."""
    _page_errors.labels(kind).inc()


def metrics(request: Request) -> Response:
    """Every figure as Prometheus reads it."""
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _note(route: str, method: str, status: int, seconds: float) -> None:
    kind = f"{status // 100}xx"
    _requests.labels(route, method if method in METHODS else OTHER, kind).observe(seconds)
    for error in ERRORS:
        _failed.labels(route, error).inc(kind == error)


def _route_of(scope: Scope, path: str) -> str:
    """A name from a closed set, however many paths are asked for."""
    route = scope.get("route")
    if isinstance(route, APIRoute):
        return f"/api{route.path}"
    parts = path.strip("/").split("/")
    return OTHER if "." in parts[-1] or _NO_PAGES.intersection(parts) else PAGE
