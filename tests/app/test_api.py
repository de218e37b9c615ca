"""What the routes answer, good and bad; no input may give a 5xx or a traceback."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.auth import COOKIE
from app.api.routes import api
from app.stores import Stores
from core.sessions import sessions
from core.storage.access import VIEWER
from tests.bars import walk

LAW_ABIDING = {200, 307, 400, 404, 405, 409, 413, 422}


@pytest.fixture
def client(sample: Stores) -> TestClient:
    return TestClient(api, raise_server_exceptions=False)


def post(client: TestClient, body: str | bytes) -> Any:
    answer = client.post("/predict", content=body, headers={"content-type": "application/json"})
    told = answer.json()["error"]["message"] if answer.status_code != 200 else ""
    assert "Traceback" not in answer.text and "\n" not in told
    return answer


def test_predict_gives_every_quantile_in_order_on_real_sessions(client: TestClient) -> None:
    answer = client.post("/predict", json={"ticker": "AAPL"}).json()
    assert [one["horizon"] for one in answer["predictions"]] == list(range(1, 21))
    known = {f"{session:%Y-%m-%d}" for session in sessions("XNYS")}
    for one in answer["predictions"]:
        prices = list(one["quantiles"].values())
        assert len(prices) == 7 and prices == sorted(prices)
        assert one["target_session"] in known
        assert 0 < one["p_up"] < 1
    assert answer["skill"]["n"] > 0 and answer["skill"]["baseline"] == "random_walk"
    assert answer["source"] == "sample" and answer["currency"] == "USD"


def test_a_shorter_horizon_is_the_beginning_of_the_longer_one(client: TestClient) -> None:
    long = client.post("/predict", json={"ticker": "IBM"}).json()
    short = client.post("/predict", json={"ticker": " ibm ", "horizon": 5}).json()
    assert short["predictions"] == long["predictions"][:5]


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ('{"ticker":"AAPL\'; DROP"}', 422, "is not a ticker"),
        ('{"ticker":"../../etc/passwd"}', 422, "is not a ticker"),
        (json.dumps({"ticker": "A" * 10_000}), 422, "is not a ticker"),
        ('{"ticker":"\uff21\uff21\uff30\uff2c"}', 422, "is not a ticker"),
        ('{"ticker":"\u00df"}', 422, "is not a ticker"),
        ('{"ticker":"\\ud800"}', 422, "is not a ticker"),
        ('{"ticker":"ZZZZ"}', 404, "ZZZZ is not tracked"),
        ('{"ticker":"0700.HK"}', 404, "not tracked"),
        ('{"ticker":"AAPL","horizon":0}', 422, "from 1 to 20"),
        ('{"ticker":"AAPL","horizon":21}', 422, "from 1 to 20"),
        ('{"ticker":"AAPL","horizon":NaN}', 422, "horizon"),
        ('{"ticker":"AAPL","horizon":1e400}', 422, "horizon"),
        ('{"ticker":"AAPL","horizon":"x"}', 422, "horizon"),
        ('{"ticker":"AAPL","horizon":5.5}', 422, "horizon"),
        ('{"ticker":"AAPL","horizon":true}', 422, "horizon"),
        ('{"ticker":"AAPL","horizon":"\\ud800"}', 422, "horizon"),
        ('{"ticker":"AAPL","horizn":5}', 422, "horizn"),
        ('{"\\ud800":1}', 422, "body"),
        ("{", 422, "body"),
        ("[]", 422, "body"),
        ("", 422, "body"),
        ("[" * 200_000, 400, "body"),
        (b"\xff\xfe\x00", 400, "body"),
    ],
)
def test_bad_predictions_get_one_sentence(
    client: TestClient, body: str | bytes, status: int, named: str
) -> None:
    answer = post(client, body)
    assert answer.status_code == status
    assert named in answer.json()["error"]["message"]


def test_health_counts_what_is_stored(client: TestClient) -> None:
    answer = client.get("/health").json()
    assert answer == {
        "status": "ok",
        "note": None,
        "version": "0.1.0",
        "tickers": 6,
        "champion": "1",
    }


def test_tickers_lists_name_and_source(client: TestClient) -> None:
    rows = {row["ticker"]: row for row in client.get("/tickers").json()}
    assert rows["AAPL"]["name"] == "Apple 蘋果" and rows["AAPL"]["last_session"] == "2013-03-01"
    assert rows["9999.TW"]["currency"] == "TWD"
    assert {row["source"] for row in rows.values()} == {"sample"}


def test_history_is_raw_on_request(client: TestClient) -> None:
    query = {"start": "2000-06-20", "end": "2000-06-21"}
    raw = client.get("/history/AAPL", params={**query, "adjusted": False}).json()["bars"]
    adjusted = client.get("/history/AAPL", params=query).json()["bars"]
    assert [bar["close"] for bar in raw] == [101.25, 55.63]  # as printed in the source
    assert raw[1]["split_ratio"] == 2.0
    assert adjusted[0]["close"] / adjusted[1]["close"] == pytest.approx(101.25 / 2 / 55.63)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/history/ZZZZ", 404),
        ("/history/AAPL?start=2030-01-01", 404),
        ("/history/AAPL?start=yesterday", 422),
        ("/history/AAPL?start=0001-01-01", 200),
        ("/history/AAPL?end=9999-12-31", 200),
        ("/history/AAPL?adjusted=perhaps", 422),
        ("/history/%C3%9F", 422),
        ("/history/A%00B", 422),
        ("/predict", 405),
        ("/nothing", 404),
    ],
)
def test_other_bad_requests_get_one_sentence(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["error"]["message"].count("\n") == 0


def test_a_damaged_model_is_a_503_with_its_reason(client: TestClient, sample: Stores) -> None:
    (sample.settings.home / "models" / "1.npz").write_bytes(b"x")
    answer = post(client, '{"ticker":"AAPL"}')
    assert answer.status_code == 503
    assert "will not serve" in answer.json()["error"]["message"]


def test_an_unforeseen_error_has_an_id_and_its_traceback_in_the_log(
    client: TestClient, sample: Stores
) -> None:
    (sample.settings.home / "bars" / "AAPL.parquet").write_bytes(b"PAR1")
    answer = post(client, '{"ticker":"AAPL"}')
    assert answer.status_code == 503  # a corrupt file is foreseen
    assert "AAPL.parquet" in answer.json()["error"]["message"]


def test_nothing_stored_answers_empty_and_404(empty: Stores) -> None:
    client = TestClient(api, raise_server_exceptions=False)
    assert client.get("/tickers").json() == []
    assert client.get("/health").json()["champion"] is None
    assert client.post("/predict", json={"ticker": "AAPL"}).status_code == 404


def test_signing_out_ends_a_copied_cookie_too(client: TestClient, sample: Stores) -> None:
    token = sample.access.ensure_token("amy").read_text().strip()
    answer = client.post("/signin", data={"token": token}, follow_redirects=False)
    copied = answer.cookies[COOKIE]
    assert sample.access.session(copied).name == "amy"
    client.get("/signout", follow_redirects=False)
    assert sample.access.session(copied) == VIEWER


def test_the_openapi_document_states_errors_and_limits(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    stated = document["paths"]["/predict"]["post"]["responses"]
    assert {"200", "404", "422"} <= set(stated)
    assert stated["422"]["content"]["application/json"]["schema"]["$ref"].endswith("ErrorAnswer")
    horizon = document["components"]["schemas"]["PredictRequest"]["properties"]["horizon"]
    assert (horizon["minimum"], horizon["maximum"]) == (1, 20)


def test_every_route_reads_or_signs_in(client: TestClient) -> None:
    # A route that acts must not appear here without asking who is there.
    public = {
        ("GET", "/health"),
        ("GET", "/tickers"),
        ("GET", "/history/{ticker}"),
        ("POST", "/predict"),
        ("GET", "/signin"),
        ("POST", "/signin"),
        ("GET", "/signout"),
        ("GET", "/openapi.json"),
        ("HEAD", "/openapi.json"),
    }
    found = {
        (method, route.path)  # type: ignore[attr-defined]
        for route in api.routes
        for method in getattr(route, "methods", None) or ()
    }
    assert found and found <= public


def test_a_young_ticker_s_forecast_says_who_made_it(client: TestClient, sample: Stores) -> None:
    assert client.post("/predict", json={"ticker": "AAPL"}).json()["note"] is None
    sample.bars.upsert(walk("NEW", 60).assign(source="csv"))
    answer = client.post("/predict", json={"ticker": "NEW", "horizon": 5}).json()
    assert answer["model"] == {"name": "random_walk_gauss", "version": "untrained"}
    assert answer["note"].startswith("NEW needs at least 131 sessions for har, has 60;")
    assert answer["skill"] is None and len(answer["predictions"]) == 5
    sample.bars.upsert(walk("NEWER", 20).assign(source="csv"))
    refused = post(client, '{"ticker":"NEWER"}')
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "NEWER needs at least 21 sessions, has 20."
