"""Each kind of failure has its status, and a source's failures have more than one."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.errors import add_error_handlers
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
    expected = {"code": "yahoo.down", "message": message, "parameter": None}
    assert response.json() == {"error": expected}
