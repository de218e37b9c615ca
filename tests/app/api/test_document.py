"""The OpenAPI document says of each route what it takes, gives and refuses, with true examples."""

from typing import Any

import jsonschema_rs
import pytest

from app.api.code_samples import SAMPLES
from app.api.document import MEANINGS
from app.api.routes import api
from core.foundation.http_protocol import PROBLEM_TITLES, PROBLEM_TYPE

DOCUMENT: dict[str, Any] = api.openapi()
ROUTES = {
    (method, path): route
    for path, methods in DOCUMENT["paths"].items()
    for method, route in methods.items()
}


def validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def test_every_route_has_samples_in_both_languages() -> None:
    assert set(ROUTES) == set(SAMPLES) and len(ROUTES) == 9
    for route in ROUTES.values():
        assert {one["lang"] for one in route["x-codeSamples"]} == {"Shell", "Python"}


@pytest.mark.parametrize("key", ROUTES, ids=" ".join)
def test_examples_are_as_the_schema_says(key: tuple[str, str]) -> None:
    seen = 0
    for status, response in ROUTES[key]["responses"].items():
        for kind, content in response["content"].items():
            assert kind == ("application/json" if status[0] == "2" else PROBLEM_TYPE)
            examples = [one["value"] for one in content.get("examples", {}).values()]
            for example in examples or [content["example"]]:
                validator(content["schema"]).validate(example)
                seen += 1
    body = ROUTES[key].get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None:
        assert body["examples"]
        for one in body["examples"].values():
            validator(body["schema"]).validate(one["value"])
    assert seen > 5


def test_what_acts_is_locked_and_nothing_else() -> None:
    locked = {key for key, route in ROUTES.items() if route.get("security")}
    assert locked == {("post", "/train")}
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "401" in ROUTES["post", "/train"]["responses"]


def test_every_kind_of_problem_is_explained() -> None:
    assert set(MEANINGS) == set(PROBLEM_TITLES)


def test_numbers_lists_and_texts_that_are_taken_have_bounds() -> None:
    taken = [one["schema"] for route in ROUTES.values() for one in route.get("parameters", ())]
    for name in ("PredictRequest", "BulkPredictRequest", "TrainRequest"):
        schema = DOCUMENT["components"]["schemas"][name]
        assert schema["additionalProperties"] is False
        taken += schema["properties"].values()
    bound = {"string": ("maxLength", "enum", "pattern", "$ref"), "array": ("maxItems",)}
    bound |= {"integer": ("maximum",), "boolean": ("type",)}
    assert len(taken) > 20
    for schema in taken:
        if "$ref" not in schema:
            assert any(name in schema for name in bound[schema["type"]]), schema
