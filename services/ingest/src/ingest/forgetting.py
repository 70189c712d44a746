"""The ledger forgets settled messages by their age. What it has forgotten must never look new.

When UIDVALIDITY changes, a provider's history has expired, or an owner wants older mail looked at, messages are listed
by date and compared with the ledger; where ids are stable, an old message also comes again when it is moved back. So a
mailbox remembers from which day on the ledger is complete, and nothing older is taken for new any more
(`ingest.ledger`). That day is never later than the last proof of mail, since what came after it is really new.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ingest.tables import PENDING, mailboxes, messages
from shared.database import repeatedly

FORGOTTEN = Counter("kinamik_ledger_forgotten_total", "Settled messages that the ledger has forgotten by their age")

EVERY = timedelta(hours=6)
BATCH = 1000
# Between what is forgotten and what may be taken for new: servers' clocks and time zones change.
MARGIN = timedelta(days=1)


class Forgetting:
    def __init__(self, engine: AsyncEngine, days: int) -> None:
        self._engine = engine
        self._kept = timedelta(days=days)

    async def run(self) -> None:
        """For ever."""
        every = EVERY.total_seconds()
        await repeatedly(lambda: self.forget(datetime.now(UTC)), seconds=every, complaint="ledger_not_forgotten")

    async def forget(self, now: datetime) -> None:
        """What was received before `now` less the time that it is kept, and is settled."""
        for mailbox_id in await self._with_old_messages(now - self._kept):
            await self._move_boundary(mailbox_id, now - self._kept)
            while (count := await self._forget_some(mailbox_id)) > 0:
                FORGOTTEN.inc(count)

    async def _with_old_messages(self, before: datetime) -> Sequence[UUID]:
        old = select(messages.c.id).where(messages.c.mailbox_id == mailboxes.c.id, messages.c.state != PENDING)
        query = select(mailboxes.c.id).where(old.where(messages.c.received_at < before).exists())
        async with self._engine.connect() as connection:
            return (await connection.execute(query.order_by(mailboxes.c.id))).scalars().all()

    async def _move_boundary(self, mailbox_id: UUID, before: datetime) -> None:
        """Committed before anything goes, so that every catch-up that misses a message also knows why."""
        last_proof = mailboxes.c.last_proof_at - MARGIN
        boundary = func.greatest(mailboxes.c.forgotten_before, func.least(literal(before + MARGIN), last_proof))
        async with self._engine.begin() as connection:
            mine = update(mailboxes).where(mailboxes.c.id == mailbox_id)
            await connection.execute(mine.values(forgotten_before=boundary))

    async def _forget_some(self, mailbox_id: UUID) -> int:
        """In one short transaction; how many. Replicas do not wait for each other."""
        old = select(messages.c.id).join(mailboxes, mailboxes.c.id == messages.c.mailbox_id)
        old = old.where(messages.c.mailbox_id == mailbox_id, messages.c.state != PENDING)
        old = old.where(messages.c.received_at < mailboxes.c.forgotten_before - MARGIN)
        some = old.limit(BATCH).with_for_update(of=messages, skip_locked=True)
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(messages).where(messages.c.id.in_(some)))).rowcount
