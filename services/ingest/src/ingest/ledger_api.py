"""Ingest's internal API, for exports: what the ledger says of an organisation's messages."""

import secrets
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic_core import to_json
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ingest.ledger import Ledger


class _Page(BaseModel):
    after: UUID = UUID(int=0)
    limit: int = Field(default=500, ge=1, le=1000)


class LedgerApi:
    def __init__(self, token: SecretStr, ledger: Ledger) -> None:
        self._token = token.get_secret_value().encode()
        self._ledger = ledger

    def routes(self) -> list[BaseRoute]:
        return [Route("/internal/v1/ledger/{organisation_id:uuid}", self._messages)]

    async def _messages(self, request: Request) -> Response:
        """A page of the organisation's messages by their ids; what is empty is the end."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secrets.compare_digest(token.encode(), self._token):
            return JSONResponse({"reason": "token_not_valid"}, 401)
        try:
            page = _Page.model_validate(dict(request.query_params))
            rows = await self._ledger.of_organisation(request.path_params["organisation_id"], page.after, page.limit)
        except ValidationError:
            return JSONResponse({"reason": "not_valid"}, 422)
        except (SQLAlchemyError, OSError):
            return JSONResponse({"reason": "database_unavailable"}, 503)
        return Response(to_json(rows), media_type="application/json")
