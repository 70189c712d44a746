"""Log-in sessions: how long they last, and how they end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import LoginSession
from config_api.models import now
from config_api.tokens import digest, new_token

LIFETIME = timedelta(days=30)
IDLE = timedelta(days=14)
MOST = 20
USER_AGENT_CHARACTERS = 300


def alive(moment: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(col(LoginSession.expires_at) > moment, col(LoginSession.last_used_at) > moment - IDLE)


async def browsers(session: AsyncSession, account_id: UUID) -> Sequence[str]:
    """The user agent of each session."""
    return (await session.exec(select(LoginSession.user_agent).where(LoginSession.account_id == account_id))).all()


async def start(session: AsyncSession, account_id: UUID, user_agent: str, *, crowded: bool) -> str:
    """The new session's token. The oldest one has to go where it is `crowded`."""
    token, kept = new_token()
    new = LoginSession(account_id=account_id, token_digest=kept, user_agent=user_agent, expires_at=now() + LIFETIME)
    session.add(new)
    if crowded:
        await _make_room(session, account_id)
    return token


async def _make_room(session: AsyncSession, account_id: UUID) -> None:
    await session.flush()
    newest = select(LoginSession.id).where(LoginSession.account_id == account_id)
    newest = newest.order_by(col(LoginSession.created_at).desc()).limit(MOST)
    mine = col(LoginSession.account_id) == account_id
    await session.exec(delete(LoginSession).where(mine, col(LoginSession.id).not_in(newest)))


async def of(session: AsyncSession, account_id: UUID) -> Sequence[LoginSession]:
    """Those that have not ended, the one used last first."""
    query = select(LoginSession).where(LoginSession.account_id == account_id, alive(now()))
    return (await session.exec(query.order_by(col(LoginSession.last_used_at).desc()))).all()


async def end_all(session: AsyncSession, account_id: UUID, *, but: UUID | None = None) -> None:
    """At once: the next request with their cookie is a stranger's."""
    mine = delete(LoginSession).where(col(LoginSession.account_id) == account_id)
    await session.exec(mine if but is None else mine.where(col(LoginSession.id) != but))


async def end_one(session: AsyncSession, account_id: UUID, session_id: UUID) -> bool:
    """Whether there was such a session."""
    mine = col(LoginSession.account_id) == account_id
    gone = await session.exec(delete(LoginSession).where(mine, col(LoginSession.id) == session_id))
    return gone.rowcount > 0


async def end_with(session: AsyncSession, token: str) -> UUID | None:
    """Ends the session with this token; whose it was."""
    query = select(LoginSession).where(LoginSession.token_digest == digest(token))
    if (login := (await session.exec(query)).one_or_none()) is None:
        return None
    await session.delete(login)
    return login.account_id
