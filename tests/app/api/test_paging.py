"""Every page of a list holds its part: following the links gives all of it, once and in order."""

import re

import pytest
from fastapi.testclient import TestClient

from app.api.routes import api
from app.state.stores import Stores
from tests.support.bars import walk


@pytest.fixture
def client(sample: Stores) -> TestClient:
    return TestClient(api, raise_server_exceptions=False)


def links(header: str) -> dict[str, str]:
    return {name: path for path, name in re.findall(r'<([^>]+)>; rel="(\w+)"', header)}


def test_following_next_gives_all_once_and_in_order(client: TestClient) -> None:
    whole = client.get("/tickers")
    assert set(links(whole.headers["link"])) == {"first", "last"}
    path, seen = "/tickers?limit=4", []
    while path:
        response = client.get(path)
        assert response.headers["x-total-count"] == "6" and len(response.json()) <= 4
        seen += response.json()
        path = links(response.headers["link"]).get("next", "")
    assert seen == whole.json() and len(seen) == 6


def test_the_links_lead_back_too_and_keep_the_other_parameters(client: TestClient) -> None:
    path = "/history/AAPL?start=2005-02-22&end=2005-02-28&adjusted=false&limit=2"
    first = client.get(path)
    middle = client.get(links(first.headers["link"])["next"])
    assert [len(one.json()["bars"]) for one in (first, middle)] == [2, 2]
    found = links(middle.headers["link"])
    assert set(found) == {"first", "prev", "next", "last"}
    assert found["next"].startswith("/history/AAPL?start=2005-02-22&end=2005-02-28&adjusted=false&")
    assert client.get(found["prev"]).json() == client.get(found["first"]).json() == first.json()
    last = client.get(found["last"])
    assert [bar["close"] for bar in last.json()["bars"]] == [44.86]
    assert "next" not in links(last.headers["link"])


def test_beyond_the_end_there_is_nothing(client: TestClient) -> None:
    response = client.get("/history/AAPL?offset=1000000000")
    assert response.status_code == 200 and response.json()["bars"] == []
    assert response.json()["missing"] == [] and response.json()["ticker"] == "AAPL"
    assert set(links(response.headers["link"])) == {"first", "prev", "last"}


def test_missing_sessions_are_on_the_page_where_they_would_stand(
    client: TestClient, sample: Stores
) -> None:
    bars = walk("HOLE", 60)
    sample.bars.upsert(bars.drop(index=[12, 30, 50]))
    whole = client.get("/history/HOLE").json()
    assert len(whole["missing"]) == 3
    pages = [client.get(f"/history/HOLE?limit=20&offset={at}").json() for at in (0, 20, 40)]
    assert [len(page["missing"]) for page in pages] == [1, 1, 1]
    for name in ("bars", "missing", "held"):
        assert [one for page in pages for one in page[name]] == whole[name]
