"""Each service logs in to Kafka as a user of its own, and has every right that it needs and no other."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from embedded.processes import Process
from shared.bus.kafka_login import client_options, kafka_login
from shared.settings import ServiceSettings
from tests.chart.helm import CHART, SERVICES, Objects, of_kind, rendered, require_helm
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.kafka import require_kafka
from tests.servers.mail_server import free_ports
from tests.servers.owner import first_draft
from tests.servers.postgres import Postgres
from tests.servers.secured_kafka import SecuredKafka
from tests.servers.stack import Stack, running, until

PASSWORDS = {f"kinamik-{service}": f"word of {service}" for service in SERVICES}


class SecuredStack(Stack):
    """Gives each service its user."""

    def __init__(self, kafka: SecuredKafka, postgres: Postgres, database: str, folder: Path) -> None:
        self._kafka = kafka
        super().__init__(postgres, database, kafka.bootstrap, folder, {})

    def process(self, name: str, port: int | None = None) -> Process:
        user = f"kinamik-{name}"
        login = {
            "KINAMIK_KAFKA_USERNAME": user,
            "KINAMIK_KAFKA_PASSWORD": PASSWORDS[user],
            "KINAMIK_KAFKA_CA_FILE": str(self._kafka.ca_file),
        }
        port = port or free_ports(1)[0]
        return Process(name, port, {**self._environment, **login}, self.folder / f"{name}-{port}.log")


@pytest.fixture(scope="module")
def objects() -> Objects:
    require_helm()
    return rendered(CHART, CHART / "ci" / "operators.yaml")


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory, objects: Objects) -> Iterator[SecuredKafka]:
    require_kafka()
    users = of_kind(objects, "KafkaUser")
    assert users.keys() >= PASSWORDS.keys()
    server = SecuredKafka(tmp_path_factory.mktemp("kafka"), PASSWORDS)
    try:
        server.start()
        asyncio.run(server.apply(of_kind(objects, "KafkaTopic").values(), users.values()))
        yield server
    finally:
        server.stop()


def login_of(kafka: SecuredKafka, service: str, **instead: object) -> dict[str, Any]:
    user = f"kinamik-{service}"
    given = {"kafka_username": user, "kafka_password": PASSWORDS[user], "kafka_ca_file": kafka.ca_file, **instead}
    return client_options(kafka_login(ServiceSettings.model_validate({"service_token": "any", **given})))


async def test_a_mail_becomes_a_draft_with_every_service_as_its_own_user(
    postgres: Postgres, database: str, kafka: SecuredKafka, tmp_path: Path
) -> None:
    require_dovecot()
    place = SecuredStack(kafka, postgres, database, tmp_path)
    with Dovecot() as dovecot:
        async with running(place) as stack:
            await first_draft(stack, dovecot)
            await until(lambda: stack.states() == {"drafted": 1}, 30)
        assert "uthorization" not in place.logs()


async def test_nobody_reads_or_writes_what_is_not_theirs(kafka: SecuredKafka) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, **login_of(kafka, "audit"))
    async with producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait("draft-proposed.v1", b"forged")
    reader = AIOKafkaConsumer(
        "message-received.v1",
        bootstrap_servers=kafka.bootstrap,
        group_id="writer",
        auto_offset_reset="earliest",
        **login_of(kafka, "writer"),
    )
    async with reader:
        with pytest.raises(TopicAuthorizationFailedError):
            await asyncio.wait_for(reader.getone(), 30)


@pytest.mark.parametrize(
    "instead", [{"kafka_password": "guessed"}, {"kafka_username": ""}, {"kafka_ca_file": None, "kafka_tls": True}]
)
async def test_nobody_gets_in_without_the_password_or_without_knowing_the_broker(
    kafka: SecuredKafka, instead: dict[str, object]
) -> None:
    client = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, **login_of(kafka, "writer", **instead))
    try:
        with pytest.raises(KafkaError):
            await client.start()
    finally:
        await client.stop()
