"""What changes the configuration, and the news of it, commit together or not at all."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from faststream_outbox import ExponentialRetry, OutboxBroker, make_outbox_table
from faststream_outbox.message import OutboxMessage
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.models import Base, Revision
from shared.database import create_engine
from shared.events import ConfigChanged, Event

outbox_table = make_outbox_table(Base.metadata, "config_outbox")
_outbox = OutboxBroker(outbox_table=outbox_table, logger=None)


async def next_revision(session: AsyncSession) -> int:
    """The revision that this transaction makes, with its ConfigChanged in the outbox.

    To be taken before anything is written: the counter's row is the lock under which changes follow one another,
    so that revisions become visible in their order and nobody waits for two locks crosswise.
    """
    counter = await session.exec(update(Revision).values(n=col(Revision.n) + 1).returning(col(Revision.n)))
    revision = counter.scalar_one()
    event = ConfigChanged(revision=revision)
    await _outbox.publish(event.model_dump_json().encode(), queue=event.topic, session=await session.connection())
    return revision


@asynccontextmanager
async def relay(url: str, publish: Callable[[Event], Awaitable[None]]) -> AsyncGenerator[None]:
    """Hands the outbox on to the bus while entered, at least once each; what `publish` refuses is tried again.

    asyncpg, because only that hears NOTIFY: with psycopg the outbox would be polled.
    """
    engine = create_engine(url, driver="asyncpg", connections=3)
    broker = OutboxBroker(engine, outbox_table=outbox_table, apply_types=False, decoder=_undecoded, logger=None)

    async def forward(message: OutboxMessage) -> None:
        await publish(ConfigChanged.model_validate_json(message.body))

    broker.subscriber(
        ConfigChanged.topic,
        retry_strategy=ExponentialRetry(initial_delay_seconds=0.5, max_delay_seconds=30, jitter_factor=0.5),
        max_fetch_interval=10,
        min_fetch_interval=0.05,
    )(forward)
    try:
        async with broker:
            yield
    finally:
        await engine.dispose()


async def _undecoded(message: Any) -> Any:
    return message
