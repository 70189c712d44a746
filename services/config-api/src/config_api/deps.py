"""What endpoints ask for."""

import secrets
from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import Organisation
from config_api.problems import Unauthorised
from config_api.records import find

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


# Asynchronous, though nothing is awaited: FastAPI runs plain functions in a thread, for every request anew.
async def get_database(request: Request) -> Database:
    return request.app.state.database


async def get_master_keys(request: Request) -> MasterKeys:
    return request.app.state.master_keys


DatabaseDep = Annotated[Database, Depends(get_database)]
MasterKeysDep = Annotated[MasterKeys, Depends(get_master_keys)]


async def require_admin(request: Request, bearer: Bearer) -> None:
    """Raises Unauthorised unless the caller has the admin token."""
    _require(bearer, request.app.state.settings.admin_token)


async def require_service(request: Request, bearer: Bearer) -> None:
    """Raises Unauthorised unless the caller has the services' token."""
    _require(bearer, request.app.state.settings.service_token)


def _require(bearer: HTTPAuthorizationCredentials | None, token: SecretStr) -> None:
    if bearer is None or not secrets.compare_digest(bearer.credentials.encode(), token.get_secret_value().encode()):
        raise Unauthorised("token_not_valid")


async def tenant_session(organisation_id: UUID, database: DatabaseDep) -> AsyncGenerator[AsyncSession]:
    async with database.tenant(organisation_id) as session:
        await find(session, Organisation, organisation_id)
        yield session


# "function": committed before the answer leaves, so that whoever has the answer sees the change.
TenantSession = Annotated[AsyncSession, Depends(tenant_session, scope="function")]
