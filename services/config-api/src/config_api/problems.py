"""Every error of the API is an application/problem+json (RFC 9457) with a fixed word as its `reason`."""

import math
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match

from config_api.messages import catalogue

log = structlog.get_logger(__name__)


class ApiError(Exception):
    """Base of what the API answers instead of a result. `reason` is in snake_case and carries nothing personal.

    `errors` name the fields, or the records, that are in the way.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, reason: str, errors: "Sequence[Fault]" = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.errors = list(errors)


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


class TooLarge(ApiError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMedia(ApiError):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class Invalid(ApiError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooManyRequests(ApiError):
    """`retry_after` is in seconds, and is told as Retry-After (RFC 9110, 10.2.3), in whole ones."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = max(1, math.ceil(retry_after))


class Unavailable(ApiError):
    status = HTTPStatus.SERVICE_UNAVAILABLE


class Fault(BaseModel):
    """Where in the request, and what kind of fault; never what was sent, which may be a password.

    `detail` says the same in the caller's language.
    """

    field: str
    reason: str
    detail: str = ""


class Problem(BaseModel):
    """RFC 9457, 3.1, with `reason` and `errors` as extensions. `type` is always "about:blank".

    `detail` is a sentence in the caller's language, as Accept-Language names it: German or English.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    reason: str
    errors: list[Fault] = []


MEDIA_TYPE = "application/problem+json"
RESPONSES: dict[int | str, dict[str, Any]] = {"default": {"model": Problem, "description": "A problem (RFC 9457)"}}


def install(app: FastAPI) -> None:
    """Gives `app` the one form of errors, and says so in its OpenAPI document."""
    app.openapi = _naming_the_media_type(app.openapi)
    app.add_exception_handler(ApiError, api_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeout, _busy)
    app.add_exception_handler(Exception, _unexpected)


def _naming_the_media_type(document: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """FastAPI takes every answer that has a model for plain JSON."""

    def corrected() -> dict[str, Any]:
        made = document()
        for operation in (each for path in made["paths"].values() for each in path.values()):
            content = operation["responses"].get("default", {}).get("content", {})
            for media_type in [name for name in content if name != MEDIA_TYPE]:
                content[MEDIA_TYPE] = content.pop(media_type)
        return made

    return corrected


def _answer(
    request: Request, status: int, reason: str, errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    language = catalogue.preferred(request.headers.get("accept-language", ""))
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=catalogue.sentence(reason, language) or catalogue.sentence("other", language),
        reason=reason,
        errors=[_in_words(fault, language) for fault in errors],
    )
    named = {"Content-Language": language} | dict(headers or {})
    return JSONResponse(problem.model_dump(), status, named, media_type=MEDIA_TYPE)


def _in_words(fault: Fault, language: catalogue.Language, limits: Mapping[str, Any] | None = None) -> Fault:
    detail = fault.detail or catalogue.fault_sentence(fault.field, fault.reason, language, limits)
    return fault.model_copy(update={"detail": detail})


async def api_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyRequests) else error.headers
    return _answer(request, error.status, error.reason, error.errors, headers)


async def _http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    reason = HTTPStatus(error.status_code).name.lower()
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_allowed(request))}
    return _answer(request, error.status_code, reason, headers=headers)


def _allowed(request: Request) -> list[str]:
    """Every route has one method; the answer names all that the path has (RFC 9110, 15.5.6)."""
    routes = cast(FastAPI, request.app).routes
    matching = (each for each in routes if each.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in matching for method in getattr(route, "methods", None) or ()})


async def _not_valid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    language = catalogue.preferred(request.headers.get("accept-language", ""))
    faults = [
        _in_words(Fault(field=".".join(str(part) for part in e["loc"]), reason=e["type"]), language, e.get("ctx"))
        for e in error.errors()
    ]
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "not_valid", faults)


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    """Lost connections are the database's; anything else that it refuses is our defect."""
    assert isinstance(error, DBAPIError)
    if error.connection_invalidated or type(error.orig).__name__ == "OperationalError":
        return await api_error(request, Unavailable("database_unavailable"))
    return await _unexpected(request, error)


async def _busy(request: Request, _: Exception) -> JSONResponse:
    return await api_error(request, Unavailable("database_busy"))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", exc_info=error)
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error")
