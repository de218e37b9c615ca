"""What was forecast once is sent again from memory: the same bytes, and nothing is looked at."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.api.auth import is_token, knows_token, note_unknown_token
from app.api.routes import api
from app.api.schemas.forecast_body import ForecastAnswer
from app.state import queries
from app.state.stores import Stores
from app.web.origins import SameOrigin
from app.web.rate_limits import GuessLimit, Rates
from core.forecasts.response import body
from core.market_data.records.session_override_store import SessionRuling
from core.reference.session_overrides import SessionChange
from core.reference.tickers import Ticker
from core.workflows.forecast import forecast, forecast_one
from tests.support.homes import AT, closes

BODY = {"ticker": "AAPL", "horizon": 5}
AAPL = Ticker("AAPL")


@pytest.fixture
def client(sample: Stores) -> TestClient:
    return TestClient(api, raise_server_exceptions=False)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every query and every listing of a folder while the block runs."""
    found = list[str]()

    def query(connection: sa.Connection, cursor: Any, statement: str, *more: object) -> None:
        found.append(statement)

    def noting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*given: Any, **named: Any) -> Any:
            found.append(f"{name}{given}")
            return real(*given, **named)

        return noted

    sa.event.listen(sa.Engine, "before_cursor_execute", query)
    with monkeypatch.context() as patch:
        for owner, name in ((os, "scandir"), (os, "listdir"), (sqlite3, "connect")):
            patch.setattr(owner, name, noting(name, getattr(owner, name)))
        yield found
    sa.event.remove(sa.Engine, "before_cursor_execute", query)


def test_the_second_time_nothing_is_looked_at(
    client: TestClient, sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["AAPL", "aapl", "蘋果", "IBM"]
    with counted(monkeypatch) as made:
        first = [client.post("/predict", json={"ticker": one}) for one in names]
        bulk = client.post("/predict", json={"tickers": names})
    assert made, "the first time it is looked at"
    with counted(monkeypatch) as found:
        again = [client.post("/predict", json={"ticker": one}) for one in names]
        bulk_again = client.post("/predict", json={"tickers": names})
    assert found == []
    assert [one.content for one in again] == [one.content for one in first]
    assert bulk_again.content == bulk.content and len(bulk.json()["forecasts"]) == 2
    assert first[0].headers == again[0].headers
    assert first[0].headers["content-type"] == "application/json"


def test_a_known_token_costs_no_listing_either(
    sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sample.access.ensure_token("developer").read_text().strip()
    door = GuessLimit(
        SameOrigin(api, knows_token), Rates(), "10/minute", is_token, note_unknown_token
    )
    client = TestClient(door, headers={"Authorization": f"Bearer {token}", "Cookie": "a=b"})
    first = client.post("/predict", json=BODY)
    with counted(monkeypatch) as found:
        again = client.post("/predict", json=BODY)
    assert found == [] and again.status_code == 200 and again.content == first.content
    sample.access.revoke("developer")
    assert client.post("/predict", json=BODY).status_code == 403


@pytest.mark.parametrize("name", ["AAPL", "9999.TW"])
@pytest.mark.parametrize("horizon", [1, 20])
def test_it_has_the_shape_that_is_documented(
    client: TestClient, sample: Stores, name: str, horizon: int
) -> None:
    wanted = {"ticker": name, "horizon": horizon}
    sent = [client.post("/predict", json=wanted).content for _ in range(2)]
    made = forecast_one(sample, Ticker(name))
    assert sent == [body(made, horizon)] * 2
    shape = ForecastAnswer.model_validate(made.to_dict(horizon))
    assert json.loads(sent[0]) == json.loads(shape.model_dump_json())


def test_what_the_night_made_is_sent_as_if_made_anew(
    client: TestClient, sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecast(Stores(sample.settings))  # in another process
    with monkeypatch.context() as patch:
        patch.setattr("app.api.forecasts.forecast_one", None)  # so that nothing can be made
        found = client.post("/predict", json={"ticker": "AAPL"})
    assert found.status_code == 200
    (sample.settings.home / "forecasts-kept.db").unlink()
    assert found.content == body(forecast_one(Stores(sample.settings), AAPL), 20)


def _new_bar(home: Stores) -> None:
    home.bars.upsert(closes("AAPL", [431.0], start="2013-03-04", source="sample"))


def _another_ticker_gone(home: Stores) -> None:
    home.bars.remove(Ticker("GOOG"))


def _typhoon(home: Stores) -> None:
    storm = SessionRuling(AT, "ann", "XNYS", date(2013, 3, 4), SessionChange.REMOVED, "a storm")
    home.session_overrides.add([storm])


@pytest.mark.parametrize("change", [_new_bar, _another_ticker_gone, _typhoon])
def test_another_process_changes_it_and_the_next_one_is_made_anew(
    client: TestClient, sample: Stores, change: Callable[[Stores], None]
) -> None:
    before = client.post("/predict", json=BODY).content
    shown = queries.forecast(AAPL)
    change(Stores(sample.settings))
    found = client.post("/predict", json=BODY).content
    assert found != before
    anew = forecast_one(Stores(sample.settings), AAPL)
    assert found == body(anew, 5)
    assert queries.forecast(AAPL).to_dict() == anew.to_dict() != shown.to_dict()


def test_a_ticker_that_went_is_refused(client: TestClient, sample: Stores) -> None:
    assert client.post("/predict", json=BODY).status_code == 200
    Stores(sample.settings).bars.remove(AAPL)
    assert client.post("/predict", json=BODY).status_code == 404
