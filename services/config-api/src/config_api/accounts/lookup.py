"""Finding accounts, by what their people are asked for. For sessions that see everybody's."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.database import Database
from config_api.problems import NotFound


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is compared with."""

    account_id: UUID
    password_hash: str


async def credentials(database: Database, login: str) -> Credentials | None:
    """Of the account with this address or user name."""
    async with database.asker() as connection:
        row = (await connection.execute(select(Account.id, Account.password_hash).where(_named(login)))).one_or_none()
    return Credentials(row.id, row.password_hash) if row else None


async def by_email(session: AsyncSession, email: str) -> Account | None:
    query = select(Account).where(func.lower(Account.email) == func.lower(email))
    return (await session.exec(query)).one_or_none()


async def by_login(session: AsyncSession, login: str, *, lock: bool = False) -> Account | None:
    """By address or by user name. `lock`: nobody else changes it in this transaction's time."""
    query = select(Account).where(_named(login))
    return (await session.exec(query.with_for_update() if lock else query)).one_or_none()


async def get(session: AsyncSession, account_id: UUID, *, lock: bool = False) -> Account:
    """Raises NotFound (`account_unknown`). `lock` as `by_login`."""
    query = select(Account).where(col(Account.id) == account_id)
    account = (await session.exec(query.with_for_update() if lock else query)).one_or_none()
    if account is None:
        raise NotFound("account_unknown")
    return account


def _named(login: str) -> ColumnElement[bool]:
    """User names have no @ in them."""
    return func.lower(Account.email if "@" in login else Account.user_name) == func.lower(login)
