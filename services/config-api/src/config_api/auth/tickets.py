"""Links in mails: each is good once, for one purpose, and for a while."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Ticket
from config_api.models import now
from config_api.problems import Invalid
from config_api.tokens import digest, new_token

Purpose = Literal["registration", "email", "password"]

LIFETIME: dict[Purpose, timedelta] = {
    "registration": timedelta(days=3),
    "email": timedelta(days=1),
    "password": timedelta(hours=1),
}


async def issue(session: AsyncSession, account_id: UUID, purpose: Purpose, *, email: str | None = None) -> str:
    """The token for the link. The one before it is good no longer."""
    await withdraw(session, account_id, purpose)
    token, kept = new_token()
    expires_at = now() + LIFETIME[purpose]
    session.add(Ticket(token_digest=kept, account_id=account_id, purpose=purpose, email=email, expires_at=expires_at))
    return token


async def withdraw(session: AsyncSession, account_id: UUID, *purposes: Purpose) -> None:
    await session.exec(delete(Ticket).where(col(Ticket.account_id) == account_id, col(Ticket.purpose).in_(purposes)))


async def holder(session: AsyncSession, token: str, purpose: Purpose) -> UUID:
    """Whose ticket it is, which stays good. Raises as `redeem` does."""
    return (await _find(session, token, purpose)).account_id


async def redeem(session: AsyncSession, token: str, *purposes: Purpose) -> Ticket:
    """Uses the ticket up. Raises Invalid (`link_not_valid`) where it is none, or too old, or used already."""
    ticket = await _find(session, token, *purposes)
    await session.delete(ticket)
    return ticket


async def _find(session: AsyncSession, token: str, *purposes: Purpose) -> Ticket:
    alive = col(Ticket.expires_at) > now()
    query = select(Ticket).where(Ticket.token_digest == digest(token), col(Ticket.purpose).in_(purposes), alive)
    if (ticket := (await session.exec(query.with_for_update())).one_or_none()) is None:
        raise Invalid("link_not_valid")
    return ticket
