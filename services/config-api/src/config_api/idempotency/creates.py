"""Idempotency keys on every POST that answers 201: what is asked for twice is done once.

`reserve` is a dependency of all routes, since it is the route that says who may use it; the middleware `KeepAnswers`
around them sees what they answer.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog
from fastapi import FastAPI, Request
from fastapi.security import HTTPBearer
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config_api.deps import DatabaseDep, MasterKeysDep, SettingsDep, get_principal, session_token
from config_api.idempotency.store import Answer, Store
from config_api.problems import Malformed

HEADER = "Idempotency-Key"
QUOTE = '"'
SYNTAX = r'"?[\x20\x21\x23-\x7e]{1,255}"?'  # a string of RFC 9651, or without its quotes
KEPT_HEADERS = ("content-type", "location")
SECRET = frozenset({"create_api_key"})  # routes whose answer is kept nowhere

DESCRIPTION = "What is asked for twice with the same key within 24 hours is done once, and answered the same again."
PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": DESCRIPTION,
    "schema": {"type": "string", "pattern": f"^{SYNTAX}$"},
}

log = structlog.get_logger(__name__)


class Replayed(Exception):
    """Ends a request with the answer that the first one got."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass
class Attempt:
    """A request with a key: a digest of its body as it is read, what it has reserved, and then what it is answered."""

    body: Any = field(default_factory=hashlib.sha256)
    store: Store | None = None
    reservation: UUID | None = None
    makes_organisation: bool = False
    messages: list[Message] = field(default_factory=list[Message])

    async def settle(self, answer: Answer | None) -> None:
        """The change is done already: a database that is away now costs the stored answer, not the one on its way."""
        if self.store is None or self.reservation is None:
            return
        try:
            if answer is None:
                await self.store.release(self.reservation)
            else:
                made = UUID(json.loads(answer.body)["id"]) if self.makes_organisation else None
                await self.store.keep(self.reservation, answer, organisation_id=made)
        except (SQLAlchemyError, OSError):
            log.exception("idempotency_key_not_settled")

    def answer(self) -> Answer | None:
        """What is worth keeping."""
        if not self.messages or self.messages[0]["status"] != HTTPStatus.CREATED:
            return None
        headers = Headers(raw=self.messages[0]["headers"])
        body = b"".join(message["body"] for message in self.messages[1:])
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        return Answer(status=HTTPStatus.CREATED, headers=kept, body=body.decode())


async def reserve(request: Request, settings: SettingsDep, database: DatabaseDep, master_keys: MasterKeysDep) -> None:
    """Raises Replayed; Malformed (`idempotency_key_not_valid`); Invalid and Conflict as `Store.reserve` does."""
    attempt, route = getattr(request.state, "attempt", None), request.scope["route"]
    if attempt is None or route.status_code != HTTPStatus.CREATED or route.name in SECRET:
        return
    if (key := re.fullmatch(SYNTAX, request.headers[HEADER])) is None:
        raise Malformed("idempotency_key_not_valid")
    bearer = await HTTPBearer(auto_error=False)(request)
    cookie = await session_token(request, settings)
    caller = await get_principal(request, settings, database, bearer, cookie)
    organisation_id = _organisation(request)
    # A key is good for one role: who has lost it gets no stored answer either.
    role = (caller.role_in(organisation_id) or "") if organisation_id else ""
    digest = hashlib.sha256(f"{caller.name}\n{role}\n{key[0].strip(QUOTE)}".encode()).digest()
    asked = f"{request.url.path}?{request.url.query} {attempt.body.hexdigest()}".encode()
    store = Store(database, master_keys)
    reserved = await store.reserve(digest, asked, organisation_id=organisation_id, account_id=caller.account_id)
    if isinstance(reserved, Answer):
        raise Replayed(reserved)
    attempt.store, attempt.reservation = store, reserved
    attempt.makes_organisation = route.name == "create_organisation"


def _organisation(request: Request) -> UUID | None:
    try:
        return UUID(request.path_params["organisation_id"])
    except (KeyError, ValueError):
        return None


class KeepAnswers:
    """Keeps what is answered to a reserved request before it is sent; what fails is released."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or HEADER not in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        attempt = Attempt()
        scope.setdefault("state", {})["attempt"] = attempt

        async def read() -> Message:
            message = await receive()
            attempt.body.update(message.get("body", b""))
            return message

        async def hold(message: Message) -> None:
            if attempt.reservation is None:
                await send(message)
            else:
                attempt.messages.append(message)

        try:
            await self._app(scope, read, hold)
        except Exception:
            await attempt.settle(None)
            raise
        await attempt.settle(attempt.answer())
        for message in attempt.messages:
            await send(message)


def install(app: FastAPI) -> None:
    """`reserve` has to be a dependency of the routes."""
    app.add_middleware(KeepAnswers)
    app.add_exception_handler(Replayed, _replay)
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        for path in document["paths"].values():
            _describe(path.get("post", {}))
        return document

    app.openapi = openapi


def _describe(operation: dict[str, Any]) -> None:
    creates = "201" in operation.get("responses", {}) and operation["operationId"] not in SECRET
    if creates and PARAMETER not in operation.setdefault("parameters", []):
        operation["parameters"].append(PARAMETER)


async def _replay(_: Request, error: Exception) -> Response:
    assert isinstance(error, Replayed)
    answer = error.answer
    return Response(answer.body, answer.status, answer.headers | {"Idempotent-Replayed": "true"})
