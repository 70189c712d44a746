"""The servers that tests share. What is missing on this machine is a skip by name."""

from collections.abc import Iterator

import pytest

from tests.servers.kafka import KafkaServer, require_kafka

pytest_plugins = ["tests.servers.postgres", "tests.servers.fixtures"]


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    require_kafka()
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    server.start()
    yield server
    server.stop()
