"""The ledger: which messages there are and what became of them. Ids, states, reasons and times; no content.

It is the half of "nothing is lost" that is ours; the other half is the mailbox, which keeps the mail itself.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    and_,
    any_,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ingest.entries import Entry, entry_of, row_of
from ingest.tables import PENDING, mailboxes, messages
from shared.config import Mailbox
from shared.events import MessageSettled
from shared.mailbox.protocol import CatchUp, Cursor, Seen

TOO_OLD = "arrived_while_off"
"""The reason of mail that is older than the mailbox's `watch_since`."""
# IMAP's decimal numbers in their order.
_BY_ID = func.length(messages.c.provider_id), messages.c.provider_id
AGAIN = {"state": PENDING, "reason": "", "published_at": None, "settled_at": None, "publications": 0}


class Ledger:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def cursor(self, mailbox: Mailbox) -> tuple[Cursor | None, datetime]:
        """The cursor, and the date from which a catch-up must list everything should the cursor not hold any more.

        That is a day before the last proof of mail or the oldest pending message, whichever came first. An owner who
        moves `watch_since` back wants what was not looked at so far: then there is no cursor either.
        """
        oldest = select(func.min(messages.c.received_at)).where(
            messages.c.mailbox_id == mailbox.id, messages.c.state == PENDING
        )
        query = select(mailboxes, oldest.scalar_subquery().label("oldest")).where(mailboxes.c.id == mailbox.id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None or (row.watched_since is not None and mailbox.watch_since < row.watched_since):
            return None, mailbox.watch_since
        horizon = min(row.last_proof_at, row.oldest or row.last_proof_at) - timedelta(days=1)
        return Cursor(row.uidvalidity, row.position), max(horizon, mailbox.watch_since)

    async def record(self, mailbox: Mailbox, catch_up: CatchUp) -> None:
        """Enters what a catch-up found and moves the cursor, in one transaction."""
        async with self._engine.begin() as connection:
            epoch, forgotten_before = await self._move_cursor(connection, mailbox, catch_up)
            seen = catch_up.seen
            if catch_up.rebased:
                seen = await self._take_over(connection, mailbox, catch_up, epoch)
                await self._reopen_since(connection, mailbox)
            if catch_up.rebased or not catch_up.cursor.uidvalidity:
                seen = [item for item in seen if not _may_be_forgotten(item, forgotten_before)]
            if seen:
                rows = [row_of(mailbox, item, epoch) for item in seen]
                await connection.execute(insert(messages).on_conflict_do_nothing(), rows)

    async def _move_cursor(
        self, connection: AsyncConnection, mailbox: Mailbox, catch_up: CatchUp
    ) -> tuple[int, datetime | None]:
        """Returns the epoch: how often UIDs have lost their meaning in this mailbox; and `forgotten_before`."""
        values = {
            "uidvalidity": catch_up.cursor.uidvalidity,
            "position": catch_up.cursor.position,
            "watched_since": mailbox.watch_since,
        }
        statement = insert(mailboxes).values(id=mailbox.id, epoch=0, last_proof_at=func.now(), **values)
        epoch = mailboxes.c.epoch + cast(mailboxes.c.uidvalidity != catch_up.cursor.uidvalidity, Integer)
        changes = {**values, "last_proof_at": func.now(), "epoch": epoch}
        statement = statement.on_conflict_do_update(index_elements=[mailboxes.c.id], set_=changes)
        returned = statement.returning(mailboxes.c.epoch, mailboxes.c.forgotten_before)
        row = (await connection.execute(returned)).one()
        return row.epoch, row.forgotten_before

    async def _take_over(
        self, connection: AsyncConnection, mailbox: Mailbox, catch_up: CatchUp, epoch: int
    ) -> list[Seen]:
        """Moves what is known by its fingerprint to its new UID, and returns what is neither that nor known as it is.

        Two mails may share a fingerprint, so each known row takes up one sighting. A pending message that is not
        in the folder any more keeps its old UIDVALIDITY, and is found gone when it is fetched.
        """
        known = await connection.execute(
            select(messages.c.id, messages.c.fingerprint, messages.c.epoch, messages.c.provider_id)
            .where(messages.c.mailbox_id == mailbox.id, messages.c.folder == mailbox.folder)
            .where(messages.c.fingerprint.in_({item.fingerprint for item in catch_up.seen}))
            .order_by(messages.c.epoch, *_BY_ID)
        )
        in_place: set[str] = set()
        waiting: dict[bytes, list[UUID]] = {}
        for row in known:
            if row.epoch == epoch:
                in_place.add(row.provider_id)
            else:
                waiting.setdefault(row.fingerprint, []).append(row.id)
        new: list[Seen] = []
        for item in catch_up.seen:
            if item.ref.id in in_place:
                continue
            if same := waiting.get(item.fingerprint):
                moved = {"epoch": epoch, "uidvalidity": item.ref.uidvalidity, "provider_id": item.ref.id}
                await connection.execute(update(messages).where(messages.c.id == same.pop(0)).values(**moved))
            else:
                new.append(item)
        return new

    async def _reopen_since(self, connection: AsyncConnection, mailbox: Mailbox) -> None:
        """Opens what was passed over as too old, and no longer is, under a new generation."""
        passed_over = update(messages).where(messages.c.mailbox_id == mailbox.id, messages.c.state == "skipped")
        passed_over = passed_over.where(messages.c.reason == TOO_OLD, messages.c.received_at >= mailbox.watch_since)
        await connection.execute(passed_over.values(**AGAIN, generation=messages.c.generation + 1))

    async def due(self, mailbox_id: UUID, *, redrive_after: float, in_flight: int, limit: int) -> list[Entry]:
        """The oldest messages that are to be handed on now, first those that never were.

        At most `in_flight` messages of a mailbox are handed on and not settled.
        """
        stale = datetime.now(UTC) - timedelta(seconds=redrive_after)
        mine = and_(messages.c.mailbox_id == mailbox_id, messages.c.state == PENDING)
        flying = select(func.count()).where(mine, messages.c.published_at > stale).scalar_subquery()
        async with self._engine.connect() as connection:
            free: int = in_flight - (await connection.execute(select(flying))).scalar_one()
            if free <= 0:
                return []
            rows = await connection.execute(
                select(messages)
                .where(mine, _not_handed_on_since(stale))
                .order_by(messages.c.published_at.asc().nulls_first(), messages.c.received_at, *_BY_ID)
                .limit(min(limit, free))
            )
        return [entry_of(row) for row in rows]

    async def mailboxes_waiting(self, *, redrive_after: float) -> set[UUID]:
        """The mailboxes with messages that were never handed on, or too long ago."""
        stale = datetime.now(UTC) - timedelta(seconds=redrive_after)
        query = select(messages.c.mailbox_id).where(messages.c.state == PENDING, _not_handed_on_since(stale)).distinct()
        async with self._engine.connect() as connection:
            return set((await connection.execute(query)).scalars())

    async def is_waiting(self, mailbox_id: UUID, *, redrive_after: float) -> bool:
        """Whether anything of this mailbox is still to be handed on, now or once there is room."""
        stale = datetime.now(UTC) - timedelta(seconds=redrive_after)
        waiting = exists().where(
            messages.c.mailbox_id == mailbox_id, messages.c.state == PENDING, _not_handed_on_since(stale)
        )
        async with self._engine.connect() as connection:
            return bool((await connection.execute(select(waiting))).scalar_one())

    async def handed_on(self, ids: Iterable[UUID]) -> None:
        """Counts a publication and begins the time within which the messages are to settle."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(messages)
                .where(messages.c.id.in_(ids))
                .values(published_at=datetime.now(UTC), publications=messages.c.publications + 1)
            )

    async def settle(self, event: MessageSettled) -> bool:
        """Closes a message; False where it was closed before, or was opened again since (another generation)."""
        async with self._engine.begin() as connection:
            result = await connection.execute(
                update(messages)
                .where(messages.c.id == event.message_id, messages.c.state == PENDING)
                .where(messages.c.generation == event.generation)
                .values(state=event.outcome.value, reason=event.reason, settled_at=datetime.now(UTC))
            )
        return result.rowcount == 1

    async def of_organisation(self, organisation_id: UUID, after: UUID, limit: int) -> list[dict[str, Any]]:
        """What is held of an organisation's messages, by id, from the one after `after`."""
        mine = messages.c.organisation_id == organisation_id
        columns = [column for column in messages.c if column.name != "fingerprint"]
        query = select(*columns).where(mine, messages.c.id > after).order_by(messages.c.id).limit(limit)
        async with self._engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def forget(self, organisation_id: UUID, mailbox_ids: Sequence[UUID]) -> None:
        """Erases the organisation's messages and its mailboxes' cursors."""
        theirs = or_(messages.c.organisation_id == organisation_id, messages.c.mailbox_id.in_(mailbox_ids))
        async with self._engine.begin() as connection:
            await connection.execute(delete(messages).where(theirs))
            await connection.execute(delete(mailboxes).where(mailboxes.c.id.in_(mailbox_ids)))

    async def pending(self, mailbox_ids: Sequence[UUID], before: datetime) -> tuple[int, int]:
        """How many messages of these mailboxes are not settled, and how many of them arrived before that moment."""
        late = func.count().filter(messages.c.received_at < before)
        theirs = messages.c.mailbox_id == any_(literal(mailbox_ids, ARRAY(Uuid)))
        query = select(func.count(), late).where(messages.c.state == PENDING, theirs)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one()
        return row[0], row[1]

    async def answers(self) -> bool:
        """Whether the database does."""
        async with self._engine.connect() as connection:
            return (await connection.execute(select(1))).scalar_one() == 1

    async def failures(self) -> list[tuple[str, int]]:
        """Reasons and how many messages failed for each, the most frequent first."""
        count = func.count()
        query = select(messages.c.reason, count).where(messages.c.state == "failed").group_by(messages.c.reason)
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.order_by(count.desc(), messages.c.reason))
        return [(row[0], row[1]) for row in rows]

    async def reopen(
        self,
        *,
        reason: str | None = None,
        mailbox_id: UUID | None = None,
        message_id: UUID | None = None,
        generation: int | None = None,
    ) -> int:
        """Opens failed messages again under a new generation, so that a new draft may be written."""
        query = update(messages).where(messages.c.state == "failed")
        if reason is not None:
            query = query.where(messages.c.reason == reason)
        if mailbox_id is not None:
            query = query.where(messages.c.mailbox_id == mailbox_id)
        if message_id is not None:
            query = query.where(messages.c.id == message_id, messages.c.generation == generation)
        async with self._engine.begin() as connection:
            result = await connection.execute(query.values(**AGAIN, generation=messages.c.generation + 1))
        return result.rowcount


def _may_be_forgotten(item: Seen, before: datetime | None) -> bool:
    """By the server's date or the sender's: when a mailbox moves to another server, all mail may get a new date."""
    return before is not None and (item.internal_date < before or (item.sent_at is not None and item.sent_at < before))


def _not_handed_on_since(stale: datetime) -> ColumnElement[bool]:
    return or_(messages.c.published_at.is_(None), messages.c.published_at <= stale)
