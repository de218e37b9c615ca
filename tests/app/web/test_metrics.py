"""The app's own figures: each request and page run under a name from a closed set."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from app.api.routes import api
from app.components import states
from app.state.stores import Stores
from app.web.metrics import Measured, metrics, page_run
from core.foundation.errors import StorageError
from tests.app.test_main import opened
from tests.support.chromium import served
from tests.support.scrape import Figures, ask

REQUESTS = "http_request_duration_seconds_count"
Moved = Callable[[], dict[str, dict[tuple[str, ...], float]]]


def now() -> Figures:
    return Figures(bytes(metrics(Request({"type": "http"})).body).decode())


@pytest.fixture
def moved() -> Moved:
    """Call it for what was counted since the test began, by name of a figure."""
    names = (REQUESTS, "http_errors_total", "page_run_duration_seconds_count", "page_errors_total")
    before = now()

    def since() -> dict[str, dict[tuple[str, ...], float]]:
        after = now()
        return {
            name: {
                key: value - before.named(name).get(key, 0.0)
                for key, value in after.named(name).items()
                if value != before.named(name).get(key, 0.0)
            }
            for name in names
        }

    return since


def page(request: Request) -> Response:
    return PlainTextResponse("index.html")


def failing(request: Request) -> Response:
    raise RuntimeError("unforeseen")


@pytest.fixture
def client(sample: Stores) -> Iterator[TestClient]:
    app = Starlette(
        routes=[
            Mount("/api", api),
            Route("/metrics", metrics),
            Route("/broken", failing),
            Route("/{path:path}", page),
        ],
        middleware=[
            Middleware(Measured),
            Middleware(TrustedHostMiddleware, allowed_hosts=["testserver"]),
        ],
    )
    yield TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/api/health", "/api/health", "2xx"),
        ("/api/history/AAPL", "/api/history/{ticker}", "2xx"),
        ("/api/history/MSFT?start=2012-01-03", "/api/history/{ticker}", "2xx"),
        ("/api/history/ZZZZ", "/api/history/{ticker}", "4xx"),
        ("/api/predict", "/api/predict", "4xx"),
        ("/api/openapi.json", "other", "2xx"),
        ("/api/nothing", "other", "4xx"),
        ("/", "page", "2xx"),
        ("/history", "page", "2xx"),
        ("/whatever/somebody/types", "page", "2xx"),
        ("/broken", "page", "5xx"),
        ("/static/js/index.js", "other", "2xx"),
        ("/favicon.png", "other", "2xx"),
        ("/_stcore/health", "other", "2xx"),
        ("/metrics", "other", "2xx"),
    ],
)
def test_a_request_counts_under_its_route(
    client: TestClient, moved: Moved, path: str, route: str, status: str
) -> None:
    client.get(path)
    assert moved()[REQUESTS] == {("GET", route, status): 1.0}
    errors = {(route, status): 1.0} if status in ("4xx", "5xx") else {}
    assert moved()["http_errors_total"] == errors


def test_a_refused_host_and_a_made_up_method_count_too(client: TestClient, moved: Moved) -> None:
    client.get("/history", headers={"host": "evil.example"})
    client.request("BREW", "/api/health")
    assert moved()[REQUESTS] == {
        ("GET", "page", "4xx"): 1.0,
        ("other", "/api/health", "4xx"): 1.0,
    }


def test_a_thousand_paths_make_no_more_names(client: TestClient) -> None:
    client.get("/history")
    client.get("/api/nothing")
    before = len(now().named(REQUESTS))
    for number in range(200):
        client.get(f"/{number}")
        client.get(f"/api/{number}")
    assert len(now().named(REQUESTS)) == before


def test_the_first_error_of_a_route_is_a_change_from_nought(client: TestClient) -> None:
    client.get("/api/tickers")
    assert now().named("http_errors_total")[("/api/tickers", "5xx")] == 0.0


def test_pages_are_timed_by_name(sample: Stores, moved: Moved) -> None:
    opened()
    opened("history")
    runs = moved()["page_run_duration_seconds_count"]
    assert set(runs) == {("forecast",), ("history",)} and min(runs.values()) >= 1.0
    assert moved()["page_errors_total"] == {}


def test_a_run_counts_also_if_it_fails_and_whatever_its_name(moved: Moved) -> None:
    with pytest.raises(KeyError), page_run("history"):
        raise KeyError
    with page_run("a page of somebody else"):
        pass
    assert moved()["page_run_duration_seconds_count"] == {("history",): 1.0, ("other",): 1.0}


def test_errors_on_pages_are_counted_by_kind(sample: Stores, moved: Moved) -> None:
    states.show_incident(StorageError("test.failure", "the bars cannot be read"))
    assert moved()["page_errors_total"] == {("explained",): 1.0}
    states.show_incident(RuntimeError("nobody foresaw this"))
    assert moved()["page_errors_total"] == {("explained",): 1.0, ("unforeseen",): 1.0}


@pytest.mark.slow
def test_the_real_app_tells_its_figures_to_its_own_hosts_only(tmp_path: Path) -> None:
    from tests.app.web.test_guards import ask as ask_raw

    with served(tmp_path / "home") as address:
        ask_raw(address, "GET", "/api/signin?key=very-secret-key")
        ask_raw(address, "GET", "/history?ticker=SECRET")
        found = ask(address)
        assert found.named(REQUESTS)[("GET", "/api/signin", "4xx")] == 1.0
        assert found.named(REQUESTS)[("GET", "page", "2xx")] >= 1.0
        assert "very-secret-key" not in found.text and "SECRET" not in found.text
        assert str(tmp_path) not in found.text
        got = ask_raw(address, "GET", "/metrics")
        assert got.status == 200 and got.headers["content-type"].startswith("text/plain")
        assert ask_raw(address, "GET", "/metrics", Host="evil.example").status == 400
        assert ask_raw(address, "POST", "/metrics").status == 405
