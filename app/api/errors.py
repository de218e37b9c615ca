"""Errors as JSON: one sentence, the parameter at fault, never a traceback."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.stores import stores
from core import errors
from core.storage.incidents import record_incident

_STATUS: tuple[tuple[type[errors.TickerLensError], int], ...] = (
    (errors.InvalidInputError, 422),
    (errors.NotFoundError, 404),
    (errors.NotEnoughHistoryError, 409),
    (errors.BusyError, 409),
    (errors.AccessError, 401),
    (errors.ArtifactError, 503),
    (errors.StorageError, 503),
    (errors.RateLimitedError, 503),
    (errors.OfflineError, 503),
    (errors.SourceError, 502),
)
_log = logging.getLogger(__name__)


def answer(status: int, message: str, parameter: str | None = None) -> JSONResponse:
    """The one shape of an error."""
    return JSONResponse({"error": {"message": message, "parameter": parameter}}, status)


def add_error_handlers(api: FastAPI) -> None:
    """Turn every exception of the routes into `answer`."""

    @api.exception_handler(errors.TickerLensError)
    def known(request: Request, error: errors.TickerLensError) -> JSONResponse:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
        return answer(status, error.message, error.parameter)

    @api.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # Only where and why: the input itself may not be encodable as JSON (NaN, a lone surrogate).
        first = error.errors()[0]
        place = [str(part) for part in first["loc"] if isinstance(part, str)]
        parameter = place[-1] if place else "body"
        shown = ascii(parameter[:40])[1:-1]
        return answer(422, f"{shown}: {first['msg'].lower()}.", shown)

    @api.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        return answer(error.status_code, f"{str(error.detail).rstrip('.')}.")

    @api.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        name = record_incident(stores().settings.home, error)
        _log.error("unforeseen error %s on %s", name, request.url.path)
        return answer(500, f"Something unforeseen happened, error {name}.")
