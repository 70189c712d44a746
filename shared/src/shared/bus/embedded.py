"""The bus of one machine: a PostgreSQL table as the queue, through faststream-outbox.

A queue delivers each row to one worker, so an event is written once per group that subscribed to it; all
subscribers live in this process. The table may forget (`synchronous_commit` is off for it): what counts is in the
mailbox and in the ledger.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from faststream_outbox import OutboxBroker, make_outbox_table
from faststream_outbox.message import OutboxMessage
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.bus.delivery import Delivery, sending
from shared.bus.seam import Subscription
from shared.errors import TransientError
from shared.events import Event
from shared.sealing import Sealer, encode
from shared.tracing import carried

SCHEMA = "bus"
LEASE_SECONDS = 600.0
PUBLISHING_CONNECTIONS = 8
STOP_SECONDS = 3.0

SYSTEM = "postgresql"


class EmbeddedBus:
    """`workers` says how many events each group handles at the same time; every worker holds one connection."""

    def __init__(self, url: str, sealer: Sealer, *, workers: Mapping[str, int]) -> None:
        self._sealer = sealer
        self._workers = workers
        self._deliveries: dict[str, Delivery] = {}
        self._queues: defaultdict[str, list[str]] = defaultdict(list)
        self._groups: defaultdict[str, list[str]] = defaultdict(list)
        self._table = make_outbox_table(MetaData(), table_name="queue")
        connections = sum(workers.values()) + len(workers) + PUBLISHING_CONNECTIONS
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=connections,
            # A statement is a transaction: publishing is one round trip, and nothing here waits for the disk.
            isolation_level="AUTOCOMMIT",
            connect_args={"server_settings": {"search_path": SCHEMA, "synchronous_commit": "off"}},
        )
        self._started = asyncio.Event()
        self._broker = OutboxBroker(
            self._engine,
            outbox_table=self._table,
            apply_types=False,
            decoder=_undecoded,
            graceful_timeout=STOP_SECONDS,
            logger=None,
        )

    def subscribe(self, *subscriptions: Subscription) -> None:
        for subscription in subscriptions:
            queue = f"{subscription.group}/{subscription.event.topic}"
            self._deliveries[queue] = Delivery(subscription, self._sealer, self.publish, system=SYSTEM)
            self._queues[subscription.event.topic].append(queue)
            self._groups[subscription.group].append(queue)

    async def publish(self, *events: Event) -> None:
        """Raises TransientError (`bus_unavailable`)."""
        await self._started.wait()
        if not events:
            return
        try:
            async with self._engine.connect() as connection:
                for event in events:
                    body = encode(event, self._sealer)
                    with sending(event, system=SYSTEM):
                        for queue in self._queues[event.topic]:
                            await self._broker.publish(body, queue=queue, session=connection, headers=carried())
        except (DBAPIError, OSError):
            raise TransientError("bus_unavailable") from None

    async def start(self) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            await connection.run_sync(self._table.metadata.create_all)
            # No other process works on this queue: a lease that is still there belonged to one that was killed.
            await connection.execute(self._table.update().values(acquired_token=None, acquired_at=None))
        for group, queues in self._groups.items():
            self._broker.subscriber(
                queues,
                max_workers=self._workers[group],
                fetch_batch_size=max(10, 2 * self._workers[group]),
                min_fetch_interval=0.05,
                max_fetch_interval=5.0,
                lease_ttl_seconds=LEASE_SECONDS,
                terminal_flush_batch_size=1,
            )(self._handle)
        await self._broker.start()
        self._started.set()

    async def stop(self) -> None:
        await self._broker.stop()
        await self._engine.dispose()

    async def healthy(self) -> bool:
        return await self._broker.ping(timeout=3)

    async def _handle(self, message: OutboxMessage) -> None:
        await self._deliveries[message.raw_message.queue](message.body, message.headers)


async def _undecoded(message: Any) -> Any:
    return message
