"""The broker that tests share, and in which order they run. What is missing on this machine is a skip by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.kafka import KafkaServer, require_kafka

pytest_plugins = ["tests.servers.postgres", "tests.servers.fixtures", "tests.servers.ledger"]

ORDER = ("e2e", "web", "observability", "integration", "chart", "contract", "unit")
ALONE = {"e2e", "observability", "chart"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: where processes share the files, none is left alone with a long one at the end.

    What starts whole systems and kills them runs alone: several at once are slower than the patience of each. So does
    what needs Helm, which may still be in the making.
    """
    for item in items:
        if _folder(item) in ALONE:
            item.add_marker("alone")
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, ORDER.index(_folder(item))))


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    require_kafka()
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    server.start()
    yield server
    server.stop()
