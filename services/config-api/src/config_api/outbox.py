"""What a change has as its consequence - events, notices by mail - is stored with it, or neither is."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from faststream_outbox import ExponentialRetry, OutboxBroker, make_outbox_table
from faststream_outbox.message import OutboxMessage
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys, key_id
from config_api.models import Base, Revision
from shared.database import create_engine
from shared.events import AuditRecorded, ConfigChanged, ErasureRequested, Event, MailboxChanged, RetryRequested

COUNTING = update(Revision).values(n=col(Revision.n) + 1).returning(col(Revision.n))
EVENTS: tuple[type[Event], ...] = (ConfigChanged, MailboxChanged, AuditRecorded, ErasureRequested, RetryRequested)

outbox_table = make_outbox_table(Base.metadata, "config_outbox")
_outbox = OutboxBroker(outbox_table=outbox_table, logger=None)

Forward = Callable[[bytes], Awaitable[None]]


async def put(session: AsyncSession, queue: str, payload: bytes, *, after: timedelta | None = None) -> None:
    """Hands `payload` to the queue's reader once this transaction is committed, and that time has passed."""
    await _outbox.publish(payload, queue=queue, session=await session.connection(), activate_in=after)


async def put_sealed(session: AsyncSession, master_keys: MasterKeys, queue: str, content: bytes) -> None:
    """As `put` does, for what may not lie in the database in the clear."""
    envelope_id = uuid4()
    await put(session, queue, f"{envelope_id} {master_keys.seal(content, envelope_id, queue)}".encode())


def open_sealed(payload: bytes, master_keys: MasterKeys, queue: str) -> bytes:
    """Raises PermanentError as `MasterKeys.open` does."""
    envelope_id, _, sealed = payload.decode("ascii").partition(" ")
    return master_keys.open(sealed, UUID(envelope_id), queue)


def reseal(payload: bytes, master_keys: MasterKeys, queue: str) -> bytes:
    """The same content under the newest key; the same payload where it is already."""
    envelope_id, _, sealed = payload.decode("ascii").partition(" ")
    if key_id(sealed) == master_keys.newest:
        return payload
    return f"{envelope_id} {master_keys.reseal(sealed, UUID(envelope_id), queue)}".encode()


async def announce(session: AsyncSession, event: Event) -> None:
    """Publishes an event of EVENTS once this transaction is committed."""
    await put(session, event.topic, event.model_dump_json().encode())


async def next_revision(session: AsyncSession) -> int:
    """The revision that this transaction makes, with its ConfigChanged in the outbox.

    To be taken before anything is written: the counter's row is the lock under which changes follow one another,
    so that revisions become visible in their order and nobody waits for two locks crosswise.
    """
    revision = (await session.exec(COUNTING)).scalar_one()
    await announce(session, ConfigChanged(revision=revision))
    return revision


@asynccontextmanager
async def relay(
    url: str, publish: Callable[[Event], Awaitable[None]], others: Mapping[str, Forward] | None = None
) -> AsyncGenerator[None]:
    """Hands the outbox on while entered, at least once each: events to the bus, other queues to their reader.

    What is refused is tried again. asyncpg, because only that hears NOTIFY: with psycopg the outbox would be polled.
    """
    events = {kind.topic: _publishing(kind, publish) for kind in EVENTS}
    engine = create_engine(url, driver="asyncpg", connections=6)
    broker = OutboxBroker(engine, outbox_table=outbox_table, apply_types=False, decoder=_undecoded, logger=None)
    # Side by side, so that a mail server that is away holds up no event. Each holds two connections.
    # Of a backlog several events are taken out together; a mail by itself, so that none is sent twice without need.
    for readers, together in ((events, 10), (others, 1)):
        if not readers:
            continue
        broker.subscriber(
            list(readers),
            terminal_flush_batch_size=together,
            retry_strategy=ExponentialRetry(initial_delay_seconds=0.5, max_delay_seconds=30, jitter_factor=0.5),
            max_fetch_interval=10,
            min_fetch_interval=0.05,
        )(_handler(readers))
    try:
        async with broker:
            yield
    finally:
        await engine.dispose()


def _publishing(kind: type[Event], publish: Callable[[Event], Awaitable[None]]) -> Forward:
    async def forward(payload: bytes) -> None:
        await publish(kind.model_validate_json(payload))

    return forward


def _handler(readers: Mapping[str, Forward]) -> Callable[[OutboxMessage], Awaitable[None]]:
    async def handle(message: OutboxMessage) -> None:
        await readers[message.raw_message.queue](message.body)

    return handle


async def _undecoded(message: Any) -> Any:
    return message
