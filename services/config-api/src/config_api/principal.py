"""Who is asking: a person's browser, a program with a key, or the operator with the token of this installation."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account, LoginSession
from config_api.accounts.sessions import alive
from config_api.api_keys.models import ApiKey
from config_api.database import Database
from config_api.members.models import Membership
from config_api.models import now
from config_api.tokens import digest

Role = Literal["owner", "member"]
EVERYTHING = frozenset({"read", "write"})
NOTED_EVERY = timedelta(minutes=1)


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
    async with database.auth() as session:
        query = select(LoginSession, Account).join(Account, col(Account.id) == LoginSession.account_id)
        query = query.where(LoginSession.token_digest == digest(token), alive(now()))
        row = (await session.exec(query.where(col(Account.active)))).one_or_none()
        if row is None:
            return None
        login, account = row
        if login.last_used_at < now() - NOTED_EVERY:
            login.last_used_at = now()
        memberships = await session.exec(select(Membership).where(Membership.account_id == account.id))
        roles = {each.organisation_id: each.role for each in memberships}
        restricted = account.restricted_at is not None
        return Principal(
            str(account.id), account.id, login.id, roles=roles, operator=account.operator, restricted=restricted
        )


async def by_key(database: Database, token: str) -> Principal | None:
    """The program whose key this is, unless the key has expired."""
    async with database.auth() as session:
        valid = or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now())
        key = (await session.exec(select(ApiKey).where(ApiKey.token_digest == digest(token), valid))).one_or_none()
        if key is None:
            return None
        await _note_use(session, key)
        return Principal(f"key {key.id}", organisation_id=key.organisation_id, scopes=frozenset(key.scopes))


async def _note_use(session: AsyncSession, key: ApiKey) -> None:
    if key.last_used_at is None or key.last_used_at < now() - NOTED_EVERY:
        await session.exec(update(ApiKey).where(col(ApiKey.id) == key.id).values(last_used_at=now()))
