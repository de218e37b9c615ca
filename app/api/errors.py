"""Errors as problem details (RFC 9457): one sentence and its code, never a traceback."""

import logging
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.api.schemas.forecast_body import ONE, SEVERAL
from app.state.stores import stores
from core.foundation import errors
from core.foundation.disk import explained
from core.foundation.http_protocol import PROBLEM_TYPE, problem_details
from core.foundation.incidents import record_incident
from core.foundation.messages import Message
from core.foundation.printable import printable

_STATUS: tuple[tuple[type[errors.TickerLensError], int], ...] = (
    (errors.InvalidInputError, 422),
    (errors.NotFoundError, 404),
    (errors.NotEnoughHistoryError, 409),
    (errors.BusyError, 409),
    (errors.RemovedError, 409),
    (errors.ForbiddenError, 403),
    (errors.AccessError, 401),
    (errors.ArtifactError, 503),
    (errors.StorageError, 503),
    (errors.RateLimitedError, 503),
    (errors.OfflineError, 503),
    (errors.SourceError, 502),
)
_DATE = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")
_UNREADABLE_BODY = "There was an error parsing the body"  # as FastAPI calls it
_BODY = {
    "json_invalid": Message("http.body-not-json", "The body is not JSON."),
    "missing": Message("http.body-missing", "The body is missing; it is a JSON object."),
    "model_attributes_type": Message("http.body-no-object", "The body is not a JSON object."),
}
_WRONG_BODY = Message("http.body-wrong", "The body is not as it should be.")
_NOT_SENT_AS_JSON = Message(
    "http.body-type", "The body is JSON; send it with the header Content-Type: application/json."
)
_log = logging.getLogger(__name__)


def error_response(
    status: int,
    sentence: Message,
    parameter: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The one shape of an error."""
    details = problem_details(status, sentence, parameter)
    return JSONResponse(details, status, headers, PROBLEM_TYPE)


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem details of an exception; one that nobody foresaw goes to the log of incidents."""
    home = stores().settings.home
    known = error if isinstance(error, errors.TickerLensError) else explained(error, home)
    if known is not None:
        status = next((code for kind, code in _STATUS if isinstance(known, kind)), 400)
        return problem_details(status, known.sentence, known.parameter)
    name = record_incident(home, error)
    _log.error("unforeseen error %s", name)
    sentence = Message(
        "http.unforeseen", "Something unforeseen happened, error {incident}.", {"incident": name}
    )
    return problem_details(500, sentence, instance=f"urn:tickerlens:incident:{name}")


def add_error_handlers(api: FastAPI) -> None:
    """Turn every exception of the routes into `error_response`."""

    @api.exception_handler(errors.TickerLensError)
    @api.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> JSONResponse:
        problem = problem_of(error)
        headers = {"WWW-Authenticate": "Bearer"} if problem["status"] == 401 else None
        return JSONResponse(problem, problem["status"], headers, PROBLEM_TYPE)

    @api.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # Only where and why: the input itself may not be encodable as JSON (NaN, a lone surrogate).
        first = error.errors()[0]
        place = [str(part) for part in first["loc"] if isinstance(part, str)]
        if first["type"] == "model_attributes_type" and not _is_json(request):
            return error_response(422, _NOT_SENT_AS_JSON, "body")
        if place[:1] == ["body"] and place[1:2] in ([ONE], [SEVERAL]):
            del place[1]  # which of the two bodies it was read as
        if place in ([], ["body"]):
            return error_response(422, _BODY.get(first["type"], _WRONG_BODY), "body")
        # What Pydantic calls the way a value was read stands there too, after the name.
        names = [one for one in place if "[" not in one]
        shown = printable(names[-1] if names[0] == "body" else names[:2][-1])
        return error_response(422, _of_parameter(first["type"], shown, first["msg"]), shown)

    @api.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        detail = str(error.detail).rstrip(".")
        if detail == _UNREADABLE_BODY:
            unreadable = Message("http.body-unreadable", "The body cannot be read as JSON.")
            return error_response(error.status_code, unreadable, "body")
        sentence = Message("http.refused", "{reason}.", {"reason": detail})
        # Such as Allow, which says what may be asked where a method was refused.
        return error_response(error.status_code, sentence, headers=error.headers)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _of_parameter(kind: str, name: str, reason: str) -> Message:
    """What is wrong with a parameter; the kind and the reason are Pydantic's."""
    if kind == "missing":
        return Message("http.parameter-missing", 'The body has no "{name}".', {"name": name})
    if kind == "extra_forbidden":
        return Message("http.parameter-unknown", 'There is no parameter "{name}".', {"name": name})
    reason = _DATE.sub(lambda found: f"{date(*map(int, found.groups()))}", reason).lower()
    return Message("http.parameter-wrong", "{name}: {reason}.", {"name": name, "reason": reason})
