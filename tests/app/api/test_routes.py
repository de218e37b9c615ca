"""What the routes answer, good and bad; no input may give a 5xx or a traceback."""

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.auth import COOKIE
from app.api.routes import api
from app.components import context
from app.state import actions
from app.state.stores import Stores
from core.foundation.errors import AccessError
from core.foundation.keys.person import VIEWER
from core.reference.sessions import SHIPPED
from tests.support.bars import walk

LAW_ABIDING = {200, 307, 400, 404, 405, 409, 413, 422}


@pytest.fixture
def client(sample: Stores) -> TestClient:
    return TestClient(api, raise_server_exceptions=False)


def post(client: TestClient, body: str | bytes) -> Any:
    response = client.post("/predict", content=body, headers={"content-type": "application/json"})
    message = response.json()["detail"] if response.status_code != 200 else ""
    assert "Traceback" not in response.text and "\n" not in message
    return response


def test_predict_gives_every_quantile_in_order_on_real_sessions(client: TestClient) -> None:
    response = client.post("/predict", json={"ticker": "AAPL"}).json()
    assert [one["horizon"] for one in response["predictions"]] == list(range(1, 21))
    known = {f"{session:%Y-%m-%d}" for session in SHIPPED["XNYS"].sessions}
    for one in response["predictions"]:
        prices = list(one["quantiles"].values())
        assert len(prices) == 7 and prices == sorted(prices)
        assert one["target_session"] in known
        assert 0 < one["p_up"] < 1
    assert response["skill"]["n"] > 0 and response["skill"]["baseline"] == "random_walk"
    assert response["source"] == "sample" and response["currency"] == "USD"


def test_a_shorter_horizon_is_the_beginning_of_the_longer_one(client: TestClient) -> None:
    long = client.post("/predict", json={"ticker": "IBM"}).json()
    short = client.post("/predict", json={"ticker": " ibm ", "horizon": 5}).json()
    assert short["predictions"] == long["predictions"][:5]


@pytest.mark.parametrize("text", ["蘋果", "Apple", "aapl", "\uff21\uff21\uff30\uff2c"])
def test_a_name_means_what_it_means_on_a_page(client: TestClient, text: str) -> None:
    body = {"ticker": text, "horizon": 1}
    assert client.post("/predict", json=body).json()["ticker"] == "AAPL"
    assert client.get(f"/history/{text}").json()["ticker"] == "AAPL"


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ('{"ticker":"AAPL\'; DROP"}', 422, "is not a ticker"),
        ('{"ticker":"../../etc/passwd"}', 422, "is not a ticker"),
        (json.dumps({"ticker": "A" * 10_000}), 422, "is not a ticker"),
        ('{"ticker":"\u00df"}', 422, "Nothing known here is called \u00df;"),
        ('{"ticker":"\\ud800"}', 422, "Nothing known here is called \ufffd;"),
        ('{"ticker":"MS\\nFT"}', 422, '"MS\ufffdFT" is not a ticker'),
        ('{"ticker":"Costco"}', 404, "COST Costco 好市多 is known but not tracked here."),
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
        ("{", 422, "The body is not JSON."),
        ("[]", 422, "The body is not a JSON object."),
        ("", 422, "The body is missing; it is a JSON object."),
        ("{}", 422, 'The body has no "ticker".'),
        ("[" * 200_000, 400, "The body cannot be read as JSON."),
        (b"\xff\xfe\x00", 400, "The body cannot be read as JSON."),
    ],
)
def test_bad_predictions_get_one_sentence(
    client: TestClient, body: str | bytes, status: int, named: str
) -> None:
    response = post(client, body)
    assert response.status_code == status
    assert named in response.json()["detail"]


def test_health_counts_what_is_stored(client: TestClient) -> None:
    response = client.get("/health").json()
    assert response == {
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
    query = {"start": "2005-02-25", "end": "2005-02-28"}
    raw = client.get("/history/AAPL", params={**query, "adjusted": False}).json()["bars"]
    adjusted = client.get("/history/AAPL", params=query).json()["bars"]
    assert [bar["close"] for bar in raw] == [88.99, 44.86]  # as printed in the source
    assert raw[1]["split_ratio"] == 2.0
    assert client.get("/history/AAPL", params=query).json()["since"] == "2000-09-29"
    assert client.get("/history/IBM", params=query).json()["since"] is None
    assert adjusted[0]["close"] / adjusted[1]["close"] == pytest.approx(88.99 / 2 / 44.86)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/history/ZZZZ", 404),
        ("/history/AAPL?start=2030-01-01", 404),
        ("/history/AAPL?start=yesterday", 422),
        ("/history/AAPL?start=2013-01-02&end=2013-01-01", 422),
        ("/history/AAPL?start=1900-01-01", 200),
        ("/history/AAPL?start=1899-12-31", 422),
        ("/history/AAPL?end=2199-12-31", 200),
        ("/history/AAPL?end=9999-12-31", 422),
        ("/history/AAPL?end=20130102", 422),
        ("/history/AAPL?end=1357084800", 422),
        ("/history/AAPL?end=2013-02-30", 422),
        ("/history/AAPL?adjusted=1", 422),
        ("/history/AAPL?adjusted=", 422),
        ("/history/AAPL?limit=0", 422),
        ("/history/AAPL?limit=10001", 422),
        ("/history/AAPL?limit=1.0", 422),
        ("/history/AAPL?limit=1_0", 422),
        ("/history/AAPL?limit=%2B1", 422),
        ("/history/AAPL?limit=%D9%A1", 422),
        ("/history/AAPL?offset=-1", 422),
        ("/history/AAPL?offset=1000000001", 422),
        ("/history/AAPL?limits=5", 422),
        ("/history/AAPL?limit=5&limit=6", 422),
        ("/tickers?ticker=AAPL", 422),
        ("/health?%00=1", 422),
        ("/history/AAPL?adjusted=perhaps", 422),
        ("/history/%C3%9F", 422),
        ("/history/A%00B", 422),
        ("/predict", 405),
        ("/nothing", 404),
    ],
)
def test_other_bad_requests_get_one_sentence(client: TestClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    if status != 200:
        assert response.json()["detail"].count("\n") == 0


def test_a_method_that_is_refused_says_which_are_not(client: TestClient) -> None:
    assert client.get("/predict").headers["allow"] == "POST"
    assert client.post("/tickers").headers["allow"] == "GET"


def test_a_body_sent_as_plain_text_is_told_the_header_it_needs(client: TestClient) -> None:
    body, message = '{"ticker":"AAPL"}', "send it with the header Content-Type: application/json."
    for kind in ("text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded"):
        response = client.post("/predict", content=body, headers={"content-type": kind})
        assert response.status_code == 422 and message in response.json()["detail"]
    kind = "application/json; charset=utf-8"
    assert client.post("/predict", content=body, headers={"content-type": kind}).is_success


def test_a_damaged_model_leaves_the_fallback_and_its_reason(
    client: TestClient, sample: Stores
) -> None:
    (sample.settings.home / "models" / "1.npz").write_bytes(b"x")
    response = post(client, '{"ticker":"AAPL"}')
    assert response.status_code == 200 and response.json()["model"]["name"] == "random_walk"
    assert "will not serve" in response.json()["note"]


def test_an_unforeseen_error_has_an_id_and_its_traceback_in_the_log(
    client: TestClient, sample: Stores
) -> None:
    (sample.settings.home / "bars" / "AAPL.parquet").write_bytes(b"PAR1")
    response = post(client, '{"ticker":"AAPL"}')
    assert response.status_code == 503  # a corrupt file is foreseen
    assert "AAPL.parquet" in response.json()["detail"]


def test_nothing_stored_answers_empty_and_404(empty: Stores) -> None:
    client = TestClient(api, raise_server_exceptions=False)
    assert client.get("/tickers").json() == []
    assert client.get("/health").json()["champion"] is None
    assert client.post("/predict", json={"ticker": "AAPL"}).status_code == 404


def test_signing_out_ends_a_copied_cookie_too(client: TestClient, sample: Stores) -> None:
    copied = signed_in(client, sample)
    assert sample.access.session(copied).name == "amy"
    client.get("/signout", follow_redirects=False)
    assert sample.access.session(copied) == VIEWER


def test_a_link_on_another_page_signs_nobody_out(client: TestClient, sample: Stores) -> None:
    sign_in(client, sample)
    sessions = sample.settings.home / "sessions"
    for site, ends in (("same-site", False), ("cross-site", False), ("same-origin", True)):
        response = client.get("/signout", headers={"Sec-Fetch-Site": site}, follow_redirects=False)
        assert response.status_code == 303 and ("set-cookie" in response.headers) is ends, site
        assert (list(sessions.iterdir()) == []) is ends, site


def test_the_cookie_alone_is_a_viewer_s(
    client: TestClient, sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another port of this host reads of it lets nobody act."""
    cookie = sign_in(client, sample).cookies[COOKIE]
    monkeypatch.setattr(
        "streamlit.context", SimpleNamespace(cookies={COOKIE: cookie}, ip_address=None)
    )
    assert context.person() == VIEWER
    with pytest.raises(AccessError):
        actions.ask_for_monitoring(context.person())
    assert sample.outbox.open() == []


def test_signing_in_lasts_a_week(client: TestClient, sample: Stores) -> None:
    assert "Max-Age=604800;" in sign_in(client, sample).headers["set-cookie"]


def sign_in(client: TestClient, sample: Stores) -> Any:
    """What somebody with a token is answered."""
    token = sample.access.ensure_token("amy").read_text().strip()
    return client.post("/signin", data={"token": token})


def signed_in(client: TestClient, sample: Stores) -> str:
    """Sign in, and give what cookie and page hold together."""
    response = sign_in(client, sample)
    key = re.search(r'setItem\("tickerlens_page", "([^"]+)"\)', response.text)
    assert key is not None and response.headers["cache-control"] == "no-store"
    return f"{response.cookies[COOKIE]}.{key[1]}"


def test_the_openapi_document_states_errors_and_limits(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    responses = document["paths"]["/predict"]["post"]["responses"]
    assert {"200", "404", "422"} <= set(responses)
    assert responses["422"]["content"]["application/problem+json"]["schema"]["$ref"].endswith(
        "Problem"
    )
    horizon = document["components"]["schemas"]["PredictRequest"]["properties"]["horizon"]
    assert (horizon["minimum"], horizon["maximum"]) == (1, 20)


def test_a_young_ticker_s_forecast_says_who_made_it(client: TestClient, sample: Stores) -> None:
    assert client.post("/predict", json={"ticker": "AAPL"}).json()["note"] is None
    sample.bars.upsert(walk("NEW", 60))
    response = client.post("/predict", json={"ticker": "NEW", "horizon": 5}).json()
    assert response["model"] == {"name": "random_walk_gauss", "version": "untrained"}
    assert response["note"].startswith("NEW needs at least 131 sessions for har, has 60;")
    assert response["skill"] is None and len(response["predictions"]) == 5
    sample.bars.upsert(walk("NEWER", 20).assign(source="csv"))
    refused = post(client, '{"ticker":"NEWER"}')
    assert refused.status_code == 409
    assert refused.json()["detail"] == "NEWER needs at least 21 sessions, has 20."
