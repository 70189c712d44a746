"""The bus at scale: Apache Kafka through FastStream.

Events are handled concurrently and their offsets committed only in order and only after the handler has ended, so
a crash delivers again what was in flight. FastStream's own `max_workers` commits first and would lose it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.middlewares import AckPolicy
from faststream_concurrent_aiokafka import (
    ConsumerRebalanceListener,
    KafkaConcurrentProcessingMiddleware,
    initialize_concurrent_processing,
    is_kafka_handler_healthy,
    stop_concurrent_processing,
)

from shared.bus.delivery import Delivery, trace_headers
from shared.bus.seam import Subscription
from shared.errors import TransientError
from shared.events import EVENTS, Event
from shared.sealing import Sealer, encode

PARTITIONS = 12
RETENTION_MS = 24 * 3600 * 1000
SESSION_TIMEOUT_MS = 10_000
MAX_EVENT_BYTES = 4 * 1024 * 1024


class KafkaBus:
    """`concurrency` bounds the events that one process handles at the same time."""

    def __init__(self, bootstrap: str, sealer: Sealer, *, concurrency: int = 64, replication: int = 1) -> None:
        self._bootstrap = bootstrap
        self._sealer = sealer
        self._concurrency = concurrency
        self._replication = replication
        self._started = asyncio.Event()
        self._process = uuid4()
        self._broker = KafkaBroker(
            bootstrap,
            acks="all",
            enable_idempotence=True,
            max_request_size=MAX_EVENT_BYTES,
            allow_auto_create_topics=False,
            apply_types=False,
            decoder=_undecoded,
            middlewares=[KafkaConcurrentProcessingMiddleware],
            logger=None,
        )

    def subscribe(self, *subscriptions: Subscription) -> None:
        for subscription in subscriptions:
            self._broker.subscriber(
                subscription.event.topic,
                # A group of its own leaves nothing behind: Kafka forgets a group that has no members.
                group_id=f"{subscription.group}-{self._process}" if subscription.everyone else subscription.group,
                auto_offset_reset="latest" if subscription.everyone else "earliest",
                ack_policy=AckPolicy.MANUAL,
                session_timeout_ms=SESSION_TIMEOUT_MS,
                max_partition_fetch_bytes=MAX_EVENT_BYTES,
                listener=ConsumerRebalanceListener.from_context(self._broker.context),
            )(_handler(Delivery(subscription, self._sealer, self.publish)))

    async def publish(self, *events: Event) -> None:
        """Returns once every in-sync replica has the events. Raises TransientError (`bus_unavailable`)."""
        await self._started.wait()
        try:
            await asyncio.gather(*map(self._send, events))
        except (KafkaError, OSError):
            raise TransientError("bus_unavailable") from None

    async def _send(self, event: Event) -> None:
        body, headers = encode(event, self._sealer), trace_headers()
        await self._broker.publish(body, event.topic, key=event.key.encode(), headers=headers)

    async def start(self) -> None:
        await create_topics(self._bootstrap, self._replication)
        await initialize_concurrent_processing(
            self._broker.context, concurrency_limit=self._concurrency, commit_batch_timeout_sec=0.5
        )
        await self._broker.start()
        self._started.set()

    async def stop(self) -> None:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._broker.stop)
            await stop_concurrent_processing(self._broker.context)

    async def healthy(self) -> bool:
        return is_kafka_handler_healthy(self._broker.context) and await self._broker.ping(timeout=3)


def _handler(delivery: Delivery) -> Callable[[KafkaMessage], Awaitable[None]]:
    async def handle(message: KafkaMessage) -> None:
        await delivery(message.body, message.headers)

    return handle


async def _undecoded(message: Any) -> Any:
    """FastStream would parse JSON here; events are opened by the delivery, which knows their class."""
    return message


async def create_topics(bootstrap: str, replication: int) -> None:
    """Creates what is missing; the broker keeps events no longer than their content keys live."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer: Any = await admin.create_topics(
            [
                NewTopic(
                    kind.topic,
                    PARTITIONS,
                    replication,
                    topic_configs={
                        "retention.ms": str(RETENTION_MS),
                        "segment.ms": str(RETENTION_MS // 4),
                        "max.message.bytes": str(MAX_EVENT_BYTES),
                    },
                )
                for kind in EVENTS
            ]
        )
        for error in answer.topic_errors:
            if error[1] and for_code(error[1]) is not TopicAlreadyExistsError:
                raise for_code(error[1])()
    finally:
        await admin.close()
