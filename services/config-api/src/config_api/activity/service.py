"""Activity: every settled message, without its content."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.database import Database
from config_api.models import SettledMessage
from config_api.records import Paging, next_cursor
from shared.config import Settlement
from shared.events import MessageSettled, Outcome


class ActivityRecorder:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_message_settled(self, event: MessageSettled) -> None:
        """The first event about a message and generation counts; it may come again."""
        values = event.model_dump(include=set(SettledMessage.model_fields)) | event.usage.model_dump()
        row = insert(SettledMessage).values(**values, settled_at=event.occurred_at)
        async with self._database.tenant(event.organisation_id) as session:
            await session.exec(row.on_conflict_do_nothing())


async def settlement(session: AsyncSession, message_id: UUID, generation: int) -> Settlement:
    """How the message ended, if it has."""
    row = await session.get(SettledMessage, (message_id, generation))
    return Settlement() if row is None else Settlement(outcome=Outcome(row.outcome), reason=row.reason)


async def newest(session: AsyncSession, paging: Paging) -> tuple[Sequence[SettledMessage], str | None]:
    """A page of what settled, newest first."""
    moment, message_id = col(SettledMessage.settled_at), col(SettledMessage.message_id)
    query = select(SettledMessage)
    if after := paging.after():
        query = query.where(tuple_(moment, message_id) < after)
    rows = (await session.exec(query.order_by(moment.desc(), message_id.desc()).limit(paging.limit + 1))).all()
    page = rows[: paging.limit]
    return page, next_cursor(page[-1].settled_at, page[-1].message_id) if len(rows) > paging.limit else None
