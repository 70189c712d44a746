"""Every error of the API is an application/problem+json (RFC 9457) with a fixed word as its `reason`."""

from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

log = structlog.get_logger(__name__)


class ApiError(Exception):
    """Base of what the API answers instead of a result. `reason` is in snake_case and carries nothing personal."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Malformed(ApiError):
    status = HTTPStatus.BAD_REQUEST


class Unauthorised(ApiError):
    status = HTTPStatus.UNAUTHORIZED
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(ApiError):
    status = HTTPStatus.FORBIDDEN


class NotFound(ApiError):
    status = HTTPStatus.NOT_FOUND


class Conflict(ApiError):
    status = HTTPStatus.CONFLICT


class Invalid(ApiError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class Unavailable(ApiError):
    status = HTTPStatus.SERVICE_UNAVAILABLE


class Fault(BaseModel):
    """Where in the request, and what kind of fault; never what was sent, which may be a password."""

    field: str
    reason: str


class Problem(BaseModel):
    """RFC 9457, 3.1, with `reason` and `errors` as extensions. `type` is always "about:blank"."""

    type: str = "about:blank"
    title: str
    status: int
    reason: str
    errors: list[Fault] = []


RESPONSES: dict[int | str, dict[str, Any]] = {"default": {"model": Problem, "description": "A problem (RFC 9457)"}}


def install(app: FastAPI) -> None:
    """Gives `app` the one form of errors."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeout, _busy)
    app.add_exception_handler(Exception, _unexpected)


def _answer(status: int, reason: str, errors: list[Fault] | None = None, headers: Any = None) -> JSONResponse:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, reason=reason, errors=errors or [])
    return JSONResponse(problem.model_dump(), status, headers, media_type="application/problem+json")


async def _api_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return _answer(error.status, error.reason, headers=error.headers)


async def _http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    reason = HTTPStatus(error.status_code).name.lower()
    return _answer(error.status_code, reason, headers=error.headers)


async def _not_valid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [Fault(field=".".join(str(part) for part in e["loc"]), reason=e["type"]) for e in error.errors()]
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, "not_valid", faults)


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    """Lost connections are the database's; anything else that it refuses is our defect."""
    assert isinstance(error, DBAPIError)
    if error.connection_invalidated or type(error.orig).__name__ == "OperationalError":
        return await _api_error(request, Unavailable("database_unavailable"))
    return await _unexpected(request, error)


async def _busy(request: Request, _: Exception) -> JSONResponse:
    return await _api_error(request, Unavailable("database_busy"))


async def _unexpected(_: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", exc_info=error)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error")
