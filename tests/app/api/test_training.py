"""A training asked for over HTTP: by whom, once, and how it stands then."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.routes import api
from app.state.stores import Stores
from core.foundation.access import Access
from core.foundation.keys.person import VIEWER
from core.foundation.outbox import RunState, WantedWork
from tests.support.homes import AT

WANTED = {"reason": "newer bars"}


@pytest.fixture
def client(sample: Stores) -> TestClient:
    token = sample.access.ensure_token("amy").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    return TestClient(api, raise_server_exceptions=False, headers=headers)


def test_a_training_is_put_on_record_and_its_state_is_where_the_location_says(
    client: TestClient, sample: Stores
) -> None:
    response = client.post("/train", json=WANTED | {"scope": "us", "gate": True})
    number = response.json()["id"]
    assert response.status_code == 202 and response.headers["location"] == f"/runs/{number}"
    assert response.json()["state"] == "WAITING"
    (request,) = sample.outbox.open("train")
    assert request.parameters["gate"] is True and request.parameters["scope"] == "us"
    found = client.get(response.headers["location"]).json()
    assert found["state"] == "WAITING" and "does not answer" in found["note"]
    assert {name: found[name] for name in ("id", "flow", "actor", "reason", "scope", "model")} == {
        "id": number,
        "flow": "train",
        "actor": "amy",
        "reason": "newer bars",
        "scope": "us",
        "model": "har",
    }


def test_a_second_gets_the_first(client: TestClient, sample: Stores) -> None:
    first, second = (client.post("/train", json=WANTED) for _ in range(2))
    assert second.status_code == 202 and second.headers["location"] == first.headers["location"]
    assert second.json() == first.json()
    assert len(sample.outbox.open("train")) == 1


def test_a_key_gives_the_same_request_also_after_its_end(
    client: TestClient, sample: Stores
) -> None:
    key = {"Idempotency-Key": "monday"}
    first = client.post("/train", json=WANTED, headers=key)
    sample.outbox.ended(first.json()["id"], RunState.COMPLETED, AT)
    again = client.post("/train", json=WANTED, headers=key)
    assert again.status_code == 202 and again.headers["location"] == first.headers["location"]
    assert (again.json()["state"], again.json()["id"]) == ("COMPLETED", first.json()["id"])
    assert client.post("/train", json=WANTED).json()["id"] != first.json()["id"]
    other = client.post("/train", json=WANTED | {"scope": "us"}, headers=key)
    assert (other.status_code, len(sample.outbox.open("train"))) == (422, 1)
    for bad in ("", "two words", "x" * 256):
        refused = client.post("/train", json=WANTED, headers={"Idempotency-Key": bad})
        assert (refused.status_code, refused.json()["parameter"]) == (422, "idempotency-key")


def test_work_that_no_flow_does_is_running_without_the_scheduler(
    client: TestClient, sample: Stores
) -> None:
    number = client.post("/train", json=WANTED).json()["id"]
    key, now = sample.outbox.get(number).key, datetime.now(UTC)
    sample.outbox.begin(WantedWork("train", {"scope": "all"}, "amy"), now, key)
    found = client.get(f"/runs/{number}").json()
    assert found["state"] in ("RUNNING", "CRASHED") and found["started_at"] is not None


def test_what_became_of_it_is_said(client: TestClient, sample: Stores) -> None:
    number = client.post("/train", json=WANTED).json()["id"]
    sample.outbox.sent(number, "no-such-run")
    found = client.get(f"/runs/{number}").json()
    assert (found["state"], found["run_id"]) == ("UNKNOWN", "no-such-run")
    sample.outbox.ended(number, RunState.CRASHED, AT)
    found = client.get(f"/runs/{number}").json()
    assert (found["state"], found["ended_at"]) == ("CRASHED", "2024-07-01T09:00:00Z")
    assert found["note"].startswith("Crashed") and found["version"] is None


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer guess", "Basic amy", "\xff", "bearer \x00"]
)
@pytest.mark.parametrize("body", [b'{"reason":"x"}', b"{", b"", b"\xff"])
def test_without_a_token_nothing_is_even_read(
    client: TestClient, sample: Stores, authorization: str, body: bytes
) -> None:
    headers = {"Content-Type": "application/json", "Authorization": authorization.encode("latin-1")}
    response = client.post("/train", content=body, headers=headers)
    assert response.status_code == 401 and response.headers["www-authenticate"] == "Bearer"
    assert response.json()["parameter"] == "authorization"
    assert sample.outbox.open() == []


def test_who_may_only_look_is_refused(
    client: TestClient, sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = replace(VIEWER, name="vic")
    monkeypatch.setattr(Access, "holder", lambda self, token: viewer)
    response = client.post("/train", json=WANTED)
    assert response.status_code == 403 and sample.outbox.open() == []
    assert response.json()["detail"] == "vic is a viewer, who may look and not act."


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        ({}, 422, "reason"),
        ({"reason": " "}, 422, "reason"),
        ({"reason": "x" * 501}, 422, "reason"),
        ({"reason": "a\x00b"}, 422, "reason"),
        ({"reason": "\ud800"}, 422, "reason"),
        ({"reason": 1}, 422, "reason"),
        (WANTED | {"scope": ""}, 422, "scope"),
        (WANTED | {"scope": "\ud800"}, 422, "scope"),
        (WANTED | {"scope": "ZZZZ"}, 404, "scope"),
        (WANTED | {"scope": ["all"]}, 422, "scope"),
        (WANTED | {"model": "magic"}, 422, "model"),
        (WANTED | {"gate": "true"}, 422, "gate"),
        (WANTED | {"gate": 1}, 422, "gate"),
        (WANTED | {"who": "eve"}, 422, "who"),
    ],
)
def test_a_bad_wish_gets_one_sentence(
    client: TestClient, sample: Stores, body: dict[str, Any], status: int, parameter: str
) -> None:
    response = client.post(
        "/train", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert (response.status_code, response.json()["parameter"]) == (status, parameter)
    assert "\n" not in response.json()["detail"] and sample.outbox.open() == []


@pytest.mark.parametrize(
    ("number", "status"),
    [("99", 404), ("0", 422), ("-1", 422), ("2147483648", 422), ("9" * 400, 422), ("1e3", 422)],
)
def test_a_number_that_is_none_is_refused(client: TestClient, number: str, status: int) -> None:
    assert client.get(f"/runs/{number}").status_code == status
