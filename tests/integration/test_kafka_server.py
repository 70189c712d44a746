"""The broker that the other tests rest on: it keeps what it acknowledged, however it ends."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError, for_code

from deploy.kafka import broker
from tests.servers.kafka import KafkaServer, require_kafka
from tests.servers.stack import until

TOPIC = "kept"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    require_kafka()
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    server.start()
    yield server
    server.stop()


@asynccontextmanager
async def admin(server: KafkaServer) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=server.bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def send(server: KafkaServer, *values: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=server.bootstrap, acks="all")
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(TOPIC, value)
    finally:
        await producer.stop()


async def read(server: KafkaServer, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=server.bootstrap, group_id="reader", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_acknowledged_events_survive_kill_and_restart(kafka: KafkaServer) -> None:
    async with admin(kafka) as client:
        await client.create_topics([NewTopic(TOPIC, 1, 1)])
    await send(kafka, b"one", b"two")
    await asyncio.to_thread(kafka.restart, kill=True)
    await send(kafka, b"three")
    await asyncio.to_thread(kafka.restart)
    assert await read(kafka, 3) == [b"one", b"two", b"three"]


async def test_topics_are_not_created_by_accident(kafka: KafkaServer) -> None:
    async with admin(kafka) as client:
        answer = await client.describe_topics(["never-created"])
    assert for_code(answer[0]["error_code"]) is UnknownTopicOrPartitionError


async def test_topics_lie_under_log_dir(kafka: KafkaServer) -> None:
    async with admin(kafka) as client:
        await client.create_topics([NewTopic("somewhere", 1, 1)])
    # It is known before it lies anywhere.
    await until((kafka.log_dir / "somewhere-0").is_dir, 10)


def test_port_in_use_names_the_setting(tmp_path: Path) -> None:
    with socket.create_server((broker.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        node = broker.Node(tmp_path, port, port + 1)
        with pytest.raises(broker.KafkaUnavailable, match=f"{port}.*KINAMIK_KAFKA_PORT"):
            broker.launch(node, broker.LIBS)


def test_missing_java_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(broker.KafkaUnavailable, match="Java 17 or later is missing"):
        broker.ensure_libs()
