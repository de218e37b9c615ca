"""How parameters are named where they are refused, and kept where they lead on."""

import re

import pytest
from fastapi.testclient import TestClient

from app.api.routes import api
from app.state.stores import Stores


@pytest.fixture
def client(sample: Stores) -> TestClient:
    return TestClient(api, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "parameter", "words"),
    [
        ("/history/AAPL?start=2013-13-45", "start", ""),
        ("/history/AAPL?start=0001-01-01", "start", "1900-01-01"),
        ("/forecasts/AAPL?kind=LIVE", "kind", ""),
        ("/drift?version=0", "version", ""),
    ],
)
def test_a_refusal_names_the_parameter_and_nothing_of_the_program(
    client: TestClient, path: str, parameter: str, words: str
) -> None:
    found = client.get(path).json()
    assert found["parameter"] == parameter and words in found["detail"]
    assert not any(mark in str(found) for mark in ("[", "functools", "datetime."))


def test_links_of_a_page_keep_a_name_that_is_not_latin(client: TestClient) -> None:
    first = client.get("/history/蘋果?limit=1")
    assert first.status_code == 200
    path = re.findall(r'<([^>]*)>; rel="next"', first.headers["link"])[0]
    assert client.get(path).json()["bars"] != first.json()["bars"]
