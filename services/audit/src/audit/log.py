"""The security log: who did what to which id, and how it ended."""

from sqlalchemy import Column, DateTime, MetaData, String, Table, Uuid
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.events import AuditRecorded

metadata = MetaData(schema="audit")

entries = Table(
    "entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("occurred_at", DateTime(timezone=True), nullable=False, index=True),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("organisation_id", Uuid),
    Column("subject", String, nullable=False),
    Column("outcome", String, nullable=False),
)


class Log:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, event: AuditRecorded) -> None:
        """Idempotent by the event's id."""
        row = event.model_dump(exclude={"event_id"}) | {"id": event.event_id}
        async with self._engine.begin() as connection:
            await connection.execute(insert(entries).values(**row).on_conflict_do_nothing())
