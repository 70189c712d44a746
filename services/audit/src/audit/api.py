"""Audit's internal API, for config-api, which asks in everybody's name. Its shapes are those of shared.audit."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import to_json
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from audit.export import as_csv
from audit.holds import Holds
from audit.locks import Locks
from audit.log import Log
from shared.audit import After, Attempt, Filters, NewHold, Success

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


class Api:
    def __init__(self, token: SecretStr, entries: Log, locks: Locks, holds: Holds) -> None:
        self._token = token.get_secret_value().encode()
        self._log = entries
        self._locks = locks
        self._holds = holds

    def routes(self) -> list[BaseRoute]:
        table: tuple[tuple[str, str, Endpoint], ...] = (
            ("POST", "/admit", self._admit),
            ("POST", "/succeeded", self._succeeded),
            ("GET", "/entries", self._entries),
            ("GET", "/entries.csv", self._csv),
            ("GET", "/locks", self._locked),
            ("DELETE", "/locks/{id:uuid}", self._lift),
            ("GET", "/holds", self._list_holds),
            ("POST", "/holds", self._hold),
            ("DELETE", "/holds/{id:uuid}", self._release),
        )
        routes = [Route(path, self._guarded(endpoint), methods=[method]) for method, path, endpoint in table]
        return [Mount("/internal/v1/audit", routes=routes)]

    async def _admit(self, request: Request) -> Response:
        attempt = Attempt.model_validate_json(await request.body())
        return _json(await self._locks.admit(attempt, _now()))

    async def _succeeded(self, request: Request) -> Response:
        await self._locks.succeeded(Success.model_validate_json(await request.body()), _now())
        return Response(status_code=204)

    async def _entries(self, request: Request) -> Response:
        return _json(await self._log.search(_query(request, Filters), _query(request, After)))

    async def _csv(self, request: Request) -> Response:
        return StreamingResponse(as_csv(self._log, _query(request, Filters)), media_type="text/csv")

    async def _locked(self, request: Request) -> Response:
        return _json(await self._locks.list_locked(_query(request, After), _now()))

    async def _lift(self, request: Request) -> Response:
        return _done(await self._locks.lift(_id(request)), "lock_unknown")

    async def _list_holds(self, request: Request) -> Response:
        return _json(await self._holds.list_page(_query(request, After)))

    async def _hold(self, request: Request) -> Response:
        made = await self._holds.create(NewHold.model_validate_json(await request.body()), _now())
        return _problem(409, "hold_exists") if made is None else _json(made, 201)

    async def _release(self, request: Request) -> Response:
        return _done(await self._holds.release(_id(request), _now()), "hold_unknown")

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """With the services' token only, and with an answer for what can go wrong."""

        async def answer(request: Request) -> Response:
            kind, _, token = request.headers.get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or not secrets.compare_digest(token.encode(), self._token):
                return _problem(401, "token_not_valid")
            try:
                return await endpoint(request)
            except (ValidationError, DataError):
                return _problem(422, "not_valid")
            except (SQLAlchemyError, OSError) as error:
                # Without its traceback, whose values are names and addresses.
                log.error("request_failed", path=request.url.path, error=type(error).__name__)
                return _problem(503, "database_unavailable")

        return answer


def _query(request: Request, model: type[M]) -> M:
    return model.model_validate(dict(request.query_params))


def _id(request: Request) -> UUID:
    return request.path_params["id"]


def _now() -> datetime:
    return datetime.now(UTC)


def _json(value: BaseModel | Sequence[BaseModel], status: int = 200) -> Response:
    return Response(to_json(value), status, media_type="application/json")


def _done(found: bool, reason: str) -> Response:
    return Response(status_code=204) if found else _problem(404, reason)


def _problem(status: int, reason: str) -> Response:
    return JSONResponse({"reason": reason}, status)
