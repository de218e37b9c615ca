"""Past forecasts over HTTP: whole, by kind, of tickers that are tracked or were."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.routes import api
from app.state.stores import Stores
from core.forecasts.ledger.score_entry import score
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.core.forecasts.ledger.test_ledger import NIGHT, later, made
from tests.support.homes import AT


@pytest.fixture
def client(sample: Stores) -> TestClient:
    return TestClient(api, raise_server_exceptions=False)


def test_a_live_forecast_is_read_back_with_what_came(client: TestClient, sample: Stores) -> None:
    sample.ledger.append([made()], NIGHT)
    (entry,) = sample.ledger.open_entries()
    sample.ledger.add_scores(score(entry, later([1.0, 9.0]), AT, SHIPPED))
    found = client.get("/forecasts/aapl").json()
    (one,) = found["forecasts"]
    assert (found["ticker"], found["currency"], one["kind"]) == ("AAPL", "USD", "live")
    assert (one["as_of"], one["created_at"]) == ("2024-06-28", "2024-06-29T00:00:00Z")
    assert one["scored"] == 2 and len(one["predictions"]) == 20
    first, second, third = one["predictions"][:3]
    assert (first["inside_80"], second["inside_80"], third["inside_80"]) == (True, False, None)
    assert second["scored_session"] == second["target_session"] == "2024-07-02"
    assert second["actual"] == pytest.approx(9 * one["last_close"]) and third["actual"] is None
    assert list(first["quantiles"]) == ["0.05", "0.10", "0.25", "0.50", "0.75", "0.90", "0.95"]
    assert client.get("/forecasts/AAPL?kind=sample").json()["forecasts"] == []
    assert client.get("/forecasts/AAPL?kind=replay").status_code == 422


def test_a_removed_ticker_keeps_its_forecasts(client: TestClient, sample: Stores) -> None:
    sample.ledger.append([made()], NIGHT)
    sample.bars.remove(Ticker.parse("AAPL"))
    assert len(client.get("/forecasts/AAPL").json()["forecasts"]) == 1
    assert client.get("/history/AAPL").status_code == 404


@pytest.mark.parametrize(("text", "status"), [("ZZZZ", 404), ("%C3%9F", 422), ("MSFT", 200)])
def test_one_without_any_is_empty_and_an_unknown_one_refused(
    client: TestClient, text: str, status: int
) -> None:
    response = client.get(f"/forecasts/{text}")
    assert response.status_code == status
    assert status != 200 or response.json()["forecasts"] == []


def test_several_are_forecast_and_one_that_fails_leaves_the_others(
    client: TestClient, sample: Stores
) -> None:
    (sample.settings.home / "bars" / "GOOG.parquet").write_bytes(b"PAR1")
    names = ["IBM", "ZZZZ", "蘋果", "aapl", "../etc", "GOOG", "\ud800", "FB"]
    body = json.dumps({"tickers": names, "horizon": 3})
    response = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    found = response.json()
    assert response.status_code == 200
    assert [one["ticker"] for one in found["forecasts"]] == ["IBM", "AAPL", "FB"]
    assert (
        found["forecasts"][1]
        == client.post("/predict", json={"ticker": "AAPL", "horizon": 3}).json()
    )
    assert [(one["ticker"], one["status"]) for one in found["errors"]] == [
        ("ZZZZ", 404),
        ("../etc", 422),
        ("GOOG", 503),
        ("\N{REPLACEMENT CHARACTER}", 422),
    ]
    alone = client.post("/predict", json={"ticker": "ZZZZ"}).json()
    assert found["errors"][0] == alone | {"ticker": "ZZZZ"}


def test_what_nobody_foresaw_of_one_ticker_is_an_entry_too(
    client: TestClient, sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(workspace: Stores, ticker: Ticker) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("app.api.forecasts.forecast_one", fail)
    (entry,) = client.post("/predict", json={"tickers": ["IBM"]}).json()["errors"]
    assert entry["status"] == 500 and entry["instance"][-8:] in entry["detail"]
    assert "secret" in (sample.settings.home / "logs" / "incidents.log").read_text()


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"tickers": []}, "tickers"),
        ({"tickers": ["AAPL"] * 501}, "tickers"),
        ({"tickers": "AAPL"}, "tickers"),
        ({"tickers": [1]}, "tickers"),
        ({"tickers": None}, "tickers"),
        ({"tickers": ["AAPL"], "horizon": 21}, "horizon"),
        ({"tickers": ["AAPL"], "horizon": True}, "horizon"),
        ({"tickers": ["AAPL"], "ticker": "AAPL"}, "ticker"),
        ({"ticker": "AAPL", "one": {}}, "one"),
    ],
)
def test_a_bad_list_gets_one_sentence(
    client: TestClient, body: dict[str, Any], parameter: str
) -> None:
    response = client.post("/predict", json=body)
    assert (response.status_code, response.json()["parameter"]) == (422, parameter)
