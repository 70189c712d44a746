"""The bus at scale: Apache Kafka through FastStream.

Events are handled concurrently and their offsets committed only in order and only after the handler has ended, so
a crash delivers again what was in flight. FastStream's own `max_workers` commits first and would lose it.
"""

import asyncio
import operator
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from faststream.kafka import KafkaBroker, KafkaMessage, TopicPartition
from faststream.kafka.subscriber.usecase import DefaultSubscriber
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity
from faststream_concurrent_aiokafka import (
    ConsumerRebalanceListener,
    KafkaConcurrentProcessingMiddleware,
    initialize_concurrent_processing,
    is_kafka_handler_healthy,
    stop_concurrent_processing,
)
from tenacity import AsyncRetrying, retry_if_result, wait_fixed

from shared.bus.delivery import Delivery, sending
from shared.bus.kafka_login import client_options
from shared.bus.lag import Reader, keep_counting
from shared.bus.seam import Subscription
from shared.errors import TransientError
from shared.events import EVENTS, Event
from shared.sealing import Sealer, encode
from shared.tasks import background
from shared.tracing import carried

PARTITIONS = 12
RETENTION_MS = 24 * 3600 * 1000
SESSION_TIMEOUT_MS = 10_000
MAX_EVENT_BYTES = 4 * 1024 * 1024

SYSTEM = "kafka"


class KafkaBus:
    """`concurrency` bounds the events that one process handles at the same time; `login` is as by `kafka_login`.

    What is in a handler when the bus stops has `drain_seconds` to come to its end; after that it is cancelled, and
    delivered again to whoever comes next.
    """

    def __init__(
        self,
        bootstrap: str,
        sealer: Sealer,
        *,
        concurrency: int = 64,
        replication: int = 1,
        login: BaseSecurity | None = None,
        drain_seconds: float = 0.0,
    ) -> None:
        self._bootstrap = bootstrap
        self._login = login
        self._drain_seconds = drain_seconds
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._sealer = sealer
        self._concurrency = concurrency
        self._replication = replication
        self._started = asyncio.Event()
        self._for_everyone: list[Subscription] = []
        self.readers: list[Reader] = []
        self._beside = AsyncExitStack()
        self._broker = KafkaBroker(
            bootstrap,
            security=login,
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
            if subscription.everyone:
                self._for_everyone.append(subscription)
                continue
            subscriber = self._broker.subscriber(
                subscription.event.topic,
                group_id=subscription.group,
                auto_offset_reset="earliest",
                ack_policy=AckPolicy.MANUAL,
                session_timeout_ms=SESSION_TIMEOUT_MS,
                max_partition_fetch_bytes=MAX_EVENT_BYTES,
                listener=ConsumerRebalanceListener.from_context(self._broker.context),
            )
            subscriber(self._handler(Delivery(subscription, self._sealer, self.publish, system=SYSTEM)))
            self.readers.append(Reader(subscription.group, subscription.event.topic, subscriber))

    async def publish(self, *events: Event) -> None:
        """Returns once every in-sync replica has the events. Raises TransientError (`bus_unavailable`)."""
        await self._started.wait()
        try:
            await asyncio.gather(*map(self._send, events))
        except (KafkaError, OSError):
            raise TransientError("bus_unavailable") from None

    async def _send(self, event: Event) -> None:
        body = encode(event, self._sealer)
        with sending(event, system=SYSTEM):
            await self._broker.publish(body, event.topic, key=event.key.encode(), headers=carried())

    async def start(self) -> None:
        await create_topics(self._bootstrap, self._replication, self._login)
        told = [await self._subscribe_by_itself(subscription) for subscription in self._for_everyone]
        await initialize_concurrent_processing(
            self._broker.context, concurrency_limit=self._concurrency, commit_batch_timeout_sec=0.5
        )
        await self._broker.start()
        # Only now is it sure that nothing published from here on is missed.
        await asyncio.gather(*(consumer.seek_to_end() for each in told if (consumer := each.consumer)))
        await self._beside.enter_async_context(background(keep_counting(self.readers), name="lag"))
        self._started.set()

    async def _subscribe_by_itself(self, subscription: Subscription) -> DefaultSubscriber:
        """Without a group, whose members Kafka would share the events out to, and let wait for seconds at first."""
        topic = subscription.event.topic
        numbers = await partitions(self._bootstrap, topic, self._login)
        subscriber = self._broker.subscriber(
            partitions=[TopicPartition(topic, number) for number in numbers],
            auto_offset_reset="latest",
            ack_policy=AckPolicy.ACK_FIRST,
            max_partition_fetch_bytes=MAX_EVENT_BYTES,
        )
        subscriber(self._handler(Delivery(subscription, self._sealer, self.publish, system=SYSTEM)))
        return subscriber

    async def stop(self) -> None:
        await self._beside.aclose()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._broker.stop)
            await self._drain()
            await stop_concurrent_processing(self._broker.context)

    async def _drain(self) -> None:
        """Takes no more, and waits for what is in a handler."""
        for consumer in (reader.subscriber.consumer for reader in self.readers):
            if consumer is not None:
                consumer.pause(*consumer.assignment())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._drain_seconds):
                await self._idle.wait()

    def _handler(self, delivery: Delivery) -> Callable[[KafkaMessage], Awaitable[None]]:
        async def handle(message: KafkaMessage) -> None:
            self._in_flight += 1
            self._idle.clear()
            try:
                await delivery(message.body, message.headers)
            finally:
                self._in_flight -= 1
                if not self._in_flight:
                    self._idle.set()

        return handle

    async def healthy(self) -> bool:
        return is_kafka_handler_healthy(self._broker.context) and await self._broker.ping(timeout=3)


async def _undecoded(message: Any) -> Any:
    """FastStream would parse JSON here; events are opened by the delivery, which knows their class."""
    return message


async def create_topics(bootstrap: str, replication: int, login: BaseSecurity | None = None) -> None:
    """Creates what is missing; the broker keeps events no longer than their content keys live."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **client_options(login))
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


async def partitions(bootstrap: str, topic: str, login: BaseSecurity | None = None) -> list[int]:
    """Those that the topic has: an operator may have made it with more than we would."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **client_options(login))
    await admin.start()
    try:
        # One that was made just now is not known to every broker at once.
        return await AsyncRetrying(retry=retry_if_result(operator.not_), wait=wait_fixed(0.1))(
            _partitions, admin, topic
        )
    finally:
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient, topic: str) -> list[int]:
    answer: Any = await admin.describe_topics([topic])
    return [partition["partition"] for described in answer for partition in described["partitions"]]
