"""Which mailboxes are ours: Kafka's consumer group shares out the partitions of a topic that carries nothing.

A mailbox belongs to whoever holds its partition, so no two replicas watch one mailbox, and when a replica dies its
mailboxes move as fast as its group session ends. The list of mailboxes itself comes from config-api.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Protocol
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from faststream.security import BaseSecurity

from shared.bus.kafka_login import client_options
from shared.tasks import background

TOPIC = "mailbox-assignment.v1"
GROUP = "ingest-assignment"
PARTITIONS = 64
SESSION_TIMEOUT_MS = 10_000
HEARTBEAT_MS = 2_000


class Assignment(Protocol):
    def is_ours(self, mailbox_id: UUID) -> bool: ...

    def running(self, on_change: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Calls `on_change` whenever mailboxes come or go."""
        ...


class EveryMailbox:
    """There is one ingest, and everything is its own."""

    def is_ours(self, mailbox_id: UUID) -> bool:
        return True

    def running(self, on_change: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        return nullcontext()


class KafkaAssignment(ConsumerRebalanceListener):
    def __init__(self, bootstrap: str, replication: int, login: BaseSecurity | None = None) -> None:
        self._bootstrap = bootstrap
        self._options = client_options(login)
        self._replication = replication
        self._ours: frozenset[int] = frozenset()
        self._on_change: Callable[[], None] = lambda: None

    def is_ours(self, mailbox_id: UUID) -> bool:
        return mailbox_id.int % PARTITIONS in self._ours

    @asynccontextmanager
    async def running(self, on_change: Callable[[], None]) -> AsyncGenerator[None]:
        self._on_change = on_change
        await _create_topic(self._bootstrap, self._replication, self._options)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=GROUP,
            enable_auto_commit=False,
            partition_assignment_strategy=[StickyPartitionAssignor],
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            **self._options,
        )
        consumer.subscribe([TOPIC], listener=self)
        await consumer.start()
        try:
            async with background(_poll(consumer), name="mailbox-assignment"):
                yield
        finally:
            self._set(())
            await consumer.stop()

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Nothing yet: a rebalance takes all partitions from everybody and gives most of them back at once."""

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._set(partition.partition for partition in assigned)

    def _set(self, partitions: Iterable[int]) -> None:
        self._ours = frozenset(partitions)
        self._on_change()


async def _poll(consumer: AIOKafkaConsumer) -> None:
    """Being polled is what keeps a member in its group."""
    while True:
        await consumer.getmany(timeout_ms=1000)


async def _create_topic(bootstrap: str, replication: int, options: Mapping[str, Any]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **options)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, PARTITIONS, replication)])
    finally:
        await admin.close()
