"""What endpoints ask for."""

import secrets
from collections.abc import AsyncGenerator
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import HTTPConnection

from config_api import principal
from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.messages.catalogue import Language, preferred
from config_api.models import Organisation
from config_api.principal import OPERATOR, Principal
from config_api.problems import Forbidden, NotFound, Unauthorised
from config_api.records import find
from config_api.settings import Settings

OWN_BUSINESS = ("/api/v1/account", "/api/v1/auth/")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


class SessionCookie(APIKeyCookie):
    def __init__(self) -> None:
        super().__init__(name="__Host-authData", description="On plain loopback it is `authData`.", auto_error=False)

    async def __call__(self, request: HTTPConnection) -> str | None:
        return await session_token(request, request.app.state.settings)


Cookie = Annotated[str | None, Depends(SessionCookie())]


# Asynchronous, though nothing is awaited: FastAPI runs plain functions in a thread, for every request anew.
async def get_settings(request: Request) -> Settings:
    return request.app.state.settings


async def get_database(request: Request) -> Database:
    return request.app.state.database


async def get_master_keys(request: Request) -> MasterKeys:
    return request.app.state.master_keys


SettingsDep = Annotated[Settings, Depends(get_settings)]
DatabaseDep = Annotated[Database, Depends(get_database)]
MasterKeysDep = Annotated[MasterKeys, Depends(get_master_keys)]


async def session_token(request: HTTPConnection, settings: SettingsDep) -> str | None:
    """What the browser's cookie says, be it true or not."""
    return request.cookies.get(settings.session_cookie)


async def require_service(settings: SettingsDep, bearer: Bearer) -> None:
    """Raises Unauthorised unless the caller has the services' token."""
    if bearer is None or not _same(bearer.credentials, settings.service_token):
        raise Unauthorised("token_not_valid")


async def get_principal(
    request: Request, settings: SettingsDep, database: DatabaseDep, bearer: Bearer, cookie: Cookie
) -> Principal:
    """Whoever is asking. Raises Unauthorised, or Forbidden for what the key was not made for."""
    if bearer is None and "authorization" in request.headers:
        raise Unauthorised("token_not_valid")
    if bearer is not None:
        if _same(bearer.credentials, settings.admin_token):
            return OPERATOR
        found = await principal.by_key(database, bearer.credentials)
    elif cookie is not None:
        found = await principal.by_cookie(database, cookie)
    else:
        raise Unauthorised("login_required")
    if found is None:
        raise Unauthorised("token_not_valid" if bearer else "login_required")
    request.state.principal = found
    if bearer is None:
        await require_own_page(request)
    if found.restricted and not request.url.path.startswith(OWN_BUSINESS):
        raise Forbidden("processing_restricted")
    if ("read" if request.method in SAFE else "write") not in found.scopes:
        raise Forbidden("scope_missing")
    return found


def _same(given: str, token: SecretStr) -> bool:
    return secrets.compare_digest(given.encode(), token.get_secret_value().encode())


async def require_own_page(request: Request) -> None:
    """Another site's page sends the cookie along too: what changes something must come from our own."""
    origin = request.headers.get("origin")
    if request.method not in SAFE and origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden("origin_not_allowed")


PrincipalDep = Annotated[Principal, Depends(get_principal)]


async def require_operator(caller: PrincipalDep) -> Principal:
    """Raises Forbidden unless the caller runs this installation."""
    if not caller.operator:
        raise Forbidden("operators_only")
    return caller


OperatorDep = Annotated[Principal, Depends(require_operator)]


async def get_account_id(caller: PrincipalDep) -> UUID:
    """The person who is logged in. Raises Forbidden for keys and tokens, which are nobody."""
    if caller.account_id is None:
        raise Forbidden("people_only")
    return caller.account_id


AccountId = Annotated[UUID, Depends(get_account_id)]


async def get_session_id(caller: PrincipalDep) -> UUID:
    """The browser's session. Raises Forbidden as `get_account_id` does."""
    if caller.session_id is None:
        raise Forbidden("people_only")
    return caller.session_id


SessionId = Annotated[UUID, Depends(get_session_id)]


async def account_session(account_id: AccountId, database: DatabaseDep) -> AsyncGenerator[AsyncSession]:
    async with database.account(account_id) as session:
        yield session


async def auth_session(database: DatabaseDep) -> AsyncGenerator[AsyncSession]:
    async with database.auth() as session:
        yield session


async def require_member(organisation_id: UUID, caller: PrincipalDep) -> str:
    """The caller's role. Raises NotFound where there is none: that it exists is nobody else's business."""
    if (role := caller.role_in(organisation_id)) is None:
        raise NotFound("organisation_unknown")
    return role


MemberDep = Annotated[str, Depends(require_member)]


async def require_owner(role: MemberDep) -> None:
    """Raises Forbidden for members who are no owners. For routes: `dependencies=[OWNERS]`."""
    if role != "owner":
        raise Forbidden("owners_only")


OWNERS = Depends(require_owner)


async def refuse_keys(caller: PrincipalDep) -> None:
    """Raises Forbidden for programs: people are none of their business. For routes: `dependencies=[NO_KEYS]`."""
    if caller.organisation_id is not None:
        raise Forbidden("people_only")


NO_KEYS = Depends(refuse_keys)


async def tenant_session(
    organisation_id: UUID, caller: PrincipalDep, _: MemberDep, database: DatabaseDep
) -> AsyncGenerator[AsyncSession]:
    async with database.tenant(organisation_id) as session:
        await _require_organisation(session, organisation_id, caller)
        yield session


async def known_organisation(organisation_id: UUID, caller: PrincipalDep, _: MemberDep, database: DatabaseDep) -> UUID:
    """For what takes seconds and needs no database meanwhile: who may do it is settled, no connection is held."""
    async with database.tenant(organisation_id) as session:
        await _require_organisation(session, organisation_id, caller)
    return organisation_id


async def _require_organisation(session: AsyncSession, organisation_id: UUID, caller: Principal) -> None:
    """Raises NotFound. Whoever has a role in it need not be asked: what is deleted has no members and no keys."""
    if caller.operator:
        await find(session, Organisation, organisation_id)


KnownOrganisation = Annotated[UUID, Depends(known_organisation)]


async def get_language(accept_language: Annotated[str, Header()] = "") -> Language:
    return preferred(accept_language)


LanguageDep = Annotated[Language, Depends(get_language)]

# "function": committed before the answer leaves, so that whoever has the answer sees the change.
TenantSession = Annotated[AsyncSession, Depends(tenant_session, scope="function")]
AccountSession = Annotated[AsyncSession, Depends(account_session, scope="function")]
AuthSession = Annotated[AsyncSession, Depends(auth_session, scope="function")]
