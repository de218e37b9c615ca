"""The OpenAPI document: what FastAPI knows of the routes, with every error, example and sample."""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.code_samples import SAMPLES
from core.foundation.http_protocol import PROBLEM_TITLES, PROBLEM_TYPE, problem_type

Json = dict[str, Any]

ABOUT = (
    "Stock history and honest probabilistic forecasts. Reading needs no sign-in; what acts needs a "
    "developer's token. Every refusal is problem details (RFC 9457), its `code` is the same for "
    "good. Long lists come a page at a time, by `limit` and `offset`."
)
MEANINGS = {
    400: "The Host header, the path or the body cannot be read.",
    401: "There is no token, or it is nobody's.",
    403: "The token's holder may not do this, or a page of another origin asks.",
    404: "What the path or the body names is not stored here.",
    405: "The path does not take this method; the header Allow says which.",
    408: "The rest of the request did not arrive within 20 seconds.",
    409: "It does not go together with what is stored, such as too little history.",
    413: "The body is larger than 1 MB.",
    422: "A parameter or the body is not as it should be; `parameter` says which.",
    429: "So many are not taken from one address or with one token; see the header Retry-After.",
    431: "The headers are larger than 64 KB.",
    500: "Nobody foresaw this; `instance` names it in the log of incidents.",
    502: "A source of bars failed.",
    503: "Something that this program needs does not answer, or a file of it is damaged.",
}
_EVERYWHERE = (400, 403, 422, 429, 431, 500, 503)
_ALSO = {
    ("get", "/history/{ticker}"): (404, 409),
    ("post", "/predict"): (404, 408, 409, 413),
    ("get", "/forecasts/{ticker}"): (404,),
    ("post", "/train"): (401, 404, 408, 409, 413),
    ("get", "/runs/{id}"): (404,),
}
_CODES = {
    400: ("http.path-unreadable", "The path cannot be read.", None),
    401: ("access.token-unknown", "This token is not known here.", "authorization"),
    403: (
        "http.closed-to-foreign",
        "This is not open to a page of another origin; only the app's own pages may ask.",
        "origin",
    ),
    404: ("ticker.not-tracked", "ZZZZ is not tracked here.", "ticker"),
    408: ("http.too-slow", "The request did not arrive in time.", None),
    409: ("forecast.too-young", "NEW needs at least 21 sessions, has 20.", "ticker"),
    413: ("http.body-too-large", "The request body is larger than 1 MB.", "body"),
    422: ("http.parameter-unknown", 'There is no parameter "tikcer".', "tikcer"),
    429: ("http.too-often", "This was asked too often; ask again in 20 s.", None),
    431: ("http.headers-too-large", "The headers are larger than 64 KB.", "headers"),
    500: ("http.unforeseen", "Something unforeseen happened, error 1f2e3d4c.", None),
    503: ("database.away", "The records database does not answer.", None),
}
_RECORDED: dict[str, list[Any]] = json.loads(
    Path(__file__).with_name("examples.json").read_text(encoding="utf-8")
)


def document(api: FastAPI) -> Json:
    """The document of all routes that it is to show, made once."""
    if api.openapi_schema is None:
        made = get_openapi(
            title=api.title,
            version=api.version,
            description=ABOUT,
            routes=api.routes,
            servers=[{"url": "/api"}],
        )
        for path, methods in made["paths"].items():
            for method, route in methods.items():
                _complete(method, path, route)
        made["components"]["schemas"] = {
            name: schema
            for name, schema in made["components"]["schemas"].items()
            if "ValidationError" not in name
        }
        api.openapi_schema = made
    return api.openapi_schema


def _complete(method: str, path: str, route: Json) -> None:
    samples = SAMPLES.get((method, path), ())
    route["x-codeSamples"] = [
        {"lang": lang, "source": source}
        for one in samples
        for lang, source in (("Shell", one.curl()), ("Python", one.python()))
    ]
    given = {f"{at}": {"value": one.body} for at, one in enumerate(samples, 1) if one.body}
    if given:
        route["requestBody"]["content"]["application/json"]["examples"] = given
    recorded = {
        f"{at}": {"value": one} for at, one in enumerate(_RECORDED.get(f"{method} {path}", ()), 1)
    }
    good = next(one for code, one in route["responses"].items() if code.startswith("2"))
    if recorded:
        good["content"]["application/json"]["examples"] = recorded
    route["responses"] = {code: one for code, one in route["responses"].items() if code[0] == "2"}
    for status in sorted({*_EVERYWHERE, *_ALSO.get((method, path), ())}):
        route["responses"][str(status)] = _refusal(status)


def _refusal(status: int) -> Json:
    code, detail, parameter = _CODES[status]
    example = {
        "type": problem_type(status),
        "title": PROBLEM_TITLES[status],
        "status": status,
        "detail": detail,
        "code": code,
        "parameter": parameter,
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {PROBLEM_TYPE: {"schema": schema, "example": example}}
    return {"description": MEANINGS[status], "content": content}
