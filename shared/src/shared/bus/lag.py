"""How far this process is behind: what Kafka has on its partitions and has not been told is handled."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from faststream.kafka.subscriber.usecase import DefaultSubscriber
from prometheus_client import Gauge

log = structlog.get_logger(__name__)

LAG = Gauge(
    "kinamik_consumer_lag_events", "Events on this process's partitions that are not handled", ["group", "topic"]
)

EVERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a topic as a member of a group."""

    group: str
    topic: str
    subscriber: DefaultSubscriber


async def keep_counting(readers: Sequence[Reader]) -> None:
    """For ever. While the broker is away the last figures stay."""
    while True:
        try:
            for reader in readers:
                LAG.labels(reader.group, reader.topic).set(await lag(reader.subscriber.consumer))
        except (KafkaError, OSError) as error:
            log.warning("lag_unknown", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def lag(consumer: Any) -> int:
    """Over all partitions that `consumer` has now; what the broker has deleted by age is not waited for.

    Raises KafkaError.
    """
    mine = list(consumer.assignment()) if consumer else []
    if not mine:
        return 0
    ends: dict[Any, int] = await consumer.end_offsets(mine)
    begins: dict[Any, int] = await consumer.beginning_offsets(mine)
    done = dict(zip(mine, await asyncio.gather(*map(consumer.committed, mine)), strict=True))
    return sum(ends[each] - max(done[each] or 0, begins[each]) for each in mine)
