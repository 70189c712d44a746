"""Finding accounts, by what their people are asked for. For sessions that see everybody's."""

from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.problems import NotFound


async def by_email(session: AsyncSession, email: str) -> Account | None:
    query = select(Account).where(func.lower(Account.email) == func.lower(email))
    return (await session.exec(query)).one_or_none()


async def by_login(session: AsyncSession, login: str) -> Account | None:
    """By address or by user name, which has no @ in it."""
    if "@" in login:
        return await by_email(session, login)
    query = select(Account).where(func.lower(Account.user_name) == func.lower(login))
    return (await session.exec(query)).one_or_none()


async def get(session: AsyncSession, account_id: UUID, *, lock: bool = False) -> Account:
    """Raises NotFound (`account_unknown`). `lock`: nobody else changes it in this transaction's time."""
    query = select(Account).where(col(Account.id) == account_id)
    account = (await session.exec(query.with_for_update() if lock else query)).one_or_none()
    if account is None:
        raise NotFound("account_unknown")
    return account
