"""Each kind of failure has its status, and a source's failures have more than one."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.errors import add_error_handlers
from app.state.stores import Stores
from core.foundation import errors


@pytest.mark.parametrize(
    ("kind", "status"),
    [(errors.RateLimitedError, 503), (errors.UnavailableError, 502), (errors.SourceError, 502)],
)
def test_a_source_that_fails_is_told_apart(kind: type[errors.TickerLensError], status: int) -> None:
    api = FastAPI()
    add_error_handlers(api)

    @api.get("/")
    def fail() -> None:
        raise kind("yahoo.down", "Yahoo is down; {ticker} was not fetched.", {"ticker": "AAPL"})

    response = TestClient(api).get("/")
    assert response.status_code == status
    message = "Yahoo is down; AAPL was not fetched."
    assert response.headers["content-type"] == "application/problem+json"
    kind_of_problem, title = {
        503: ("/api/docs#unavailable", "Unavailable"),
        502: ("/api/docs#source-failed", "Source failed"),
    }[status]
    assert response.json() == {
        "type": kind_of_problem,
        "title": title,
        "status": status,
        "detail": message,
        "code": "yahoo.down",
        "parameter": None,
    }


def test_what_nobody_foresaw_is_named_by_an_id(sample: Stores) -> None:
    api = FastAPI()
    add_error_handlers(api)

    @api.get("/")
    def fail() -> None:
        raise RuntimeError("secret")

    response = TestClient(api, raise_server_exceptions=False).get("/")
    problem, log = response.json(), sample.settings.home / "logs" / "incidents.log"
    assert response.status_code == problem["status"] == 500 and "secret" not in response.text
    name = problem["instance"].removeprefix("urn:tickerlens:incident:")
    assert name in problem["detail"] and f" {name}\n" in log.read_text()
