"""Activity: every settled message, without its content."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import tuple_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from config_api.models import Mailbox, SettledMessage
from config_api.outbox import announce
from config_api.problems import Conflict, NotFound
from config_api.records import Paging, find, next_cursor
from shared.config import Settlement
from shared.events import Outcome, RetryRequested


class Filters(BaseModel):
    """What is None is not looked at; `since` is included, `until` is not."""

    assistant_id: UUID | None = None
    mailbox_id: UUID | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def of(self, query: SelectOfScalar[SettledMessage]) -> SelectOfScalar[SettledMessage]:
        for name, value in self.model_dump(exclude={"since", "until"}, exclude_none=True).items():
            query = query.where(getattr(SettledMessage, name) == value)
        moment = col(SettledMessage.settled_at)
        if self.since is not None:
            query = query.where(moment >= self.since)
        return query if self.until is None else query.where(moment < self.until)


async def settlement(session: AsyncSession, message_id: UUID, generation: int) -> Settlement:
    """How the message ended, if it has."""
    row = await session.get(SettledMessage, (message_id, generation))
    return Settlement() if row is None else Settlement(outcome=Outcome(row.outcome), reason=row.reason)


async def newest(session: AsyncSession, wanted: Filters, paging: Paging) -> tuple[Sequence[SettledMessage], str | None]:
    """A page of what settled, newest first."""
    moment, message_id = col(SettledMessage.settled_at), col(SettledMessage.message_id)
    query = wanted.of(select(SettledMessage))
    if after := paging.after():
        query = query.where(tuple_(moment, message_id) < after)
    rows = (await session.exec(query.order_by(moment.desc(), message_id.desc()).limit(paging.limit + 1))).all()
    page = rows[: paging.limit]
    return page, next_cursor(page[-1].settled_at, page[-1].message_id) if len(rows) > paging.limit else None


async def retry(session: AsyncSession, message_id: UUID) -> None:
    """Has a failed message read again from its mailbox; asked for twice it is read once.

    Raises NotFound (`message_unknown`, `mailbox_unknown`), Conflict (`message_not_failed`).
    """
    query = select(SettledMessage).where(SettledMessage.message_id == message_id)
    last = (await session.exec(query.order_by(col(SettledMessage.generation).desc()).limit(1))).one_or_none()
    if last is None:
        raise NotFound("message_unknown")
    if last.outcome != Outcome.FAILED:
        raise Conflict("message_not_failed")
    await find(session, Mailbox, last.mailbox_id)
    asked = last.model_dump(include={"organisation_id", "assistant_id", "mailbox_id", "message_id", "generation"})
    await announce(session, RetryRequested(**asked))


async def forget_before(session: AsyncSession, moment: datetime) -> None:
    """Of the organisation whose transaction this is; its counts by day stay."""
    await session.exec(delete(SettledMessage).where(col(SettledMessage.settled_at) < moment))
