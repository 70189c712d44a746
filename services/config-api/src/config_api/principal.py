"""Who is asking: a person's browser, a program with a key, or the operator with the token of this installation."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from config_api.accounts.models import Account, LoginSession
from config_api.accounts.sessions import alive
from config_api.api_keys.models import ApiKey
from config_api.database import Database
from config_api.members.models import Membership
from config_api.models import Timestamp, now
from config_api.tokens import digest

Role = Literal["owner", "member"]
EVERYTHING = frozenset({"read", "write"})
NOTED_EVERY = timedelta(minutes=1)


# Asked for every request, so each is one statement, which is put together once.
_digest, _now = bindparam("digest", type_=LargeBinary()), bindparam("now", type_=Timestamp)
_roles = select(func.jsonb_object_agg(col(Membership.organisation_id), col(Membership.role)))
OF_SESSION = (
    select(
        col(LoginSession.id),
        col(LoginSession.last_used_at),
        col(LoginSession.account_id),
        col(Account.operator),
        col(Account.restricted_at),
        _roles.where(col(Membership.account_id) == col(Account.id)).scalar_subquery().label("roles"),
    )
    .join(Account, col(Account.id) == col(LoginSession.account_id))
    .where(col(LoginSession.token_digest) == _digest, alive(_now), col(Account.active))
)
OF_KEY = select(col(ApiKey.id), col(ApiKey.organisation_id), col(ApiKey.scopes), col(ApiKey.last_used_at)).where(
    col(ApiKey.token_digest) == _digest, or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > _now)
)


@dataclass(frozen=True, slots=True)
class Principal:
    """`account_id` is None for keys and for the operator's token; `organisation_id` is the only one a key is good for.

    `roles` are the person's, by organisation. Operators may do everything everywhere. Whoever is `restricted` has
    had the processing of the own data restricted, and may see to the own account only.
    """

    name: str
    account_id: UUID | None = None
    session_id: UUID | None = None
    organisation_id: UUID | None = None
    roles: dict[UUID, str] = field(default_factory=dict[UUID, str])
    operator: bool = False
    scopes: frozenset[str] = EVERYTHING
    restricted: bool = False

    def role_in(self, organisation_id: UUID) -> str | None:
        """`owner`, `member` or None. A key has what a member has."""
        if self.operator:
            return "owner"
        if self.organisation_id == organisation_id:
            return "member"
        return self.roles.get(organisation_id)


OPERATOR = Principal("operator-token", operator=True)


async def by_cookie(database: Database, token: str) -> Principal | None:
    """The person whose session this is, unless it has ended or the account is locked."""
    async with database.asker() as connection:
        row = (await connection.execute(OF_SESSION, {"digest": digest(token), "now": now()})).one_or_none()
        if row is None:
            return None
        await _note_use(connection, LoginSession, row.id, row.last_used_at)
    found: dict[str, str] = row.roles or {}
    roles = {UUID(organisation_id): role for organisation_id, role in found.items()}
    restricted = row.restricted_at is not None
    return Principal(
        str(row.account_id), row.account_id, row.id, roles=roles, operator=row.operator, restricted=restricted
    )


async def by_key(database: Database, token: str) -> Principal | None:
    """The program whose key this is, unless the key has expired."""
    async with database.asker() as connection:
        key = (await connection.execute(OF_KEY, {"digest": digest(token), "now": now()})).one_or_none()
        if key is None:
            return None
        await _note_use(connection, ApiKey, key.id, key.last_used_at)
    return Principal(f"key {key.id}", organisation_id=key.organisation_id, scopes=frozenset(key.scopes))


async def _note_use(
    connection: AsyncConnection, table: type[LoginSession | ApiKey], used: UUID, last_used_at: datetime | None
) -> None:
    if last_used_at is None or last_used_at < now() - NOTED_EVERY:
        await connection.execute(update(table).where(col(table.id) == used).values(last_used_at=now()))
